#include "bench/report.h"

#include <gmock/gmock.h>

#include "bench/markdown.h"
#include "bench/space_parts.h"
#include "bench/svg_plot.h"

namespace qalam::bench {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

ReportInput Input() {
  ReportInput input;
  input.conditions = "Two & three.";
  input.evaluations = {25, 50};
  input.target_regret = 0.5;
  for (const std::string problem : {"p<1>", "q"}) {
    input.problems.push_back({problem, "one", 10.0, 2, true});
    for (const std::string optimizer : {"a", "b"}) {
      for (std::uint64_t seed = 0; seed < 4; ++seed) {
        RunRecord record;
        record.optimizer = optimizer;
        record.problem = problem;
        record.seed = seed;
        record.evaluations = 50;
        const double late = optimizer == "a" ? 0.1 : 2;
        record.curve = {{1, 9.0 + static_cast<double>(seed)}, {20 + static_cast<int>(seed), late}};
        record.milliseconds[1] = 1.5;
        input.records.push_back(record);
      }
    }
  }
  return input;
}

TEST(Report, HasEverySection) {
  const std::string text = ToMarkdown(Report(Input()));
  for (const char* part :
       {"# Benchmark\n\nTwo & three.\n", "### After 25 evaluations: 2 problems", "## Significance",
        "Friedman", "## Data profile", "## Evaluations to a regret of 0.5", "## Milliseconds per suggestion",
        "25 trials", "### p<1>", "![q](plots/problem-q.svg)", "problem-p_1_.svg"})
    EXPECT_THAT(text, HasSubstr(part));
  // a reaches 0.5 after 20, 21, 22 and 23 evaluations, b in none of its runs.
  EXPECT_THAT(text, HasSubstr("22 (4/4)"));
  EXPECT_THAT(text, HasSubstr("- (0/4)"));
  EXPECT_THAT(text, HasSubstr("0.1 [0.1, 0.1]"));
}

TEST(Report, IsOneHtmlFileWithoutScriptsOrLinks) {
  const std::string html = ToHtml(Report(Input()), "T<");
  EXPECT_THAT(html, HasSubstr("<title>T&lt;</title>"));
  EXPECT_THAT(html, HasSubstr("<h3>p&lt;1&gt;</h3>"));
  EXPECT_THAT(html, HasSubstr("Two &amp; three."));
  EXPECT_THAT(html, HasSubstr("<svg "));
  for (const char* part : {"<script", "src=", "href=", "url("}) EXPECT_THAT(html, Not(HasSubstr(part)));
}

TEST(Report, IsTheSameForTheSameInput) {
  EXPECT_EQ(ToHtml(Report(Input()), "t"), ToHtml(Report(Input()), "t"));
}

TEST(Report, ManagesWithoutBestValuesAndRuns) {
  ReportInput input = Input();
  for (ProblemFacts& facts : input.problems) facts.scale.reset(), facts.has_best = false;
  const std::string text = ToMarkdown(Report(input));
  EXPECT_THAT(text, HasSubstr("Median loss"));
  EXPECT_THAT(text, Not(HasSubstr("Significance")));
  input.records.clear();
  EXPECT_THAT(ToMarkdown(Report(input)), HasSubstr("# Benchmark"));
}

TEST(EvaluationsToTarget, DividesAllEvaluationsByTheSuccesses) {
  RunRecord hit, miss;
  hit.curve = {{1, 5}, {30, 0.1}};
  hit.evaluations = 100;
  miss.curve = {{1, 5}};
  miss.evaluations = 100;
  const std::vector<const RunRecord*> runs = {&hit, &miss, &hit};
  const TargetResult result = EvaluationsToTarget(runs, 0.1);
  EXPECT_EQ(result.reached, 2);
  EXPECT_EQ(result.runs, 3);
  EXPECT_DOUBLE_EQ(*result.expected_evaluations, 80);
  EXPECT_FALSE(EvaluationsToTarget(runs, 0.01).expected_evaluations);
}

TEST(SvgPlot, DrawsWhatItIsGiven) {
  const std::string svg =
      SvgPlot({.title = "a & b", .log_y = true},
              {{"one", {1, 2, 3}, {1, 0.1, 0}, {}, {}, 0}, {"two", {1}, {5}, {4}, {6}, 1}});
  EXPECT_THAT(svg, HasSubstr("a &amp; b"));
  EXPECT_THAT(svg, HasSubstr(">two</text>"));
  EXPECT_THAT(svg, HasSubstr("<polygon"));
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
  EXPECT_THAT(svg, Not(HasSubstr("inf")));
  EXPECT_THAT(SvgPlot({}, {}), HasSubstr("</svg>"));
}

TEST(MarkdownTable, PadsColumns) {
  EXPECT_EQ(MarkdownTable({{"name", "±"}, {"a", "1000"}}),
            "| name |    ± |\n|------|-----:|\n| a    | 1000 |\n");
}

}  // namespace
}  // namespace qalam::bench
