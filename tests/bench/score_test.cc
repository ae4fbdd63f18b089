#include "bench/score.h"

#include <gmock/gmock.h>

#include "bench/run_record.h"
#include "bench/space_parts.h"

namespace qalam::bench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

RunRecord Record(std::string optimizer, std::string problem, std::uint64_t seed,
                 std::vector<Improvement> curve, int evaluations = 100) {
  RunRecord record;
  record.optimizer = std::move(optimizer);
  record.problem = std::move(problem);
  record.seed = seed;
  record.curve = std::move(curve);
  record.evaluations = evaluations;
  return record;
}

TEST(RunRecord, ReadsBackAsItWas) {
  RunRecord record = Record("a \"b\", c", "p+noise=0.1", 7, {{1, 3.25}, {20, 1e-9}});
  record.batch = 4;
  record.mode = "async";
  record.cpu_seconds = 0.125;
  record.milliseconds[2] = 0.5;
  for (const ResultFormat format : {ResultFormat::kCsv, ResultFormat::kJsonLines}) {
    const RunRecord back =
        Must(ParseResults(ResultHeader(format) + ResultLine(record, format), format)).at(0);
    EXPECT_EQ(back.optimizer, record.optimizer);
    EXPECT_EQ(back.problem, record.problem);
    EXPECT_EQ(back.seed, 7);
    EXPECT_EQ(back.batch, 4);
    EXPECT_EQ(back.mode, "async");
    EXPECT_EQ(back.evaluations, 100);
    EXPECT_EQ(back.curve, record.curve);
    EXPECT_EQ(back.cpu_seconds, 0.125);
    EXPECT_EQ(back.milliseconds, record.milliseconds);
  }
}

TEST(RunRecord, KeepsTheLongestOfRunsThatDifferInLength) {
  std::vector<RunRecord> records = {Record("a", "p", 1, {{1, 2}}, 50), Record("b", "p", 0, {{1, 3}}, 20),
                                    Record("a", "p", 1, {{1, 2}, {70, 1}}, 90),
                                    Record("a", "p", 1, {{1, 2}}, 60)};
  KeepLongest(records);
  ASSERT_EQ(records.size(), 2);
  EXPECT_EQ(records[0].optimizer, "b");
  EXPECT_EQ(records[1].evaluations, 90);
}

TEST(RunRecord, SaysWhichLineIsWrong) {
  const std::string text = "optimizer,problem,seed,batch,evals,curve\na,p,0,1,10,1:2\na,p,one,1,10,1:2\n";
  EXPECT_THAT(std::string(MessageOf(ParseResults(text, ResultFormat::kCsv).status())),
              HasSubstr("line 3: seed: \"one\""));
  EXPECT_THAT(std::string(MessageOf(
                  ParseResults("optimizer,problem,seed,curve\na,p,0,1-2\n", ResultFormat::kCsv).status())),
              HasSubstr("curve: \"1-2\" should be like EVALUATION:REGRET"));
  EXPECT_FALSE(ParseResults("{}\n", ResultFormat::kJsonLines).ok());
  EXPECT_FALSE(ParseResults("nonsense\n", ResultFormat::kJsonLines).ok());
}

TEST(RunRecord, KnowsTheRegretAfterAnyNumberOfEvaluations) {
  const RunRecord record = Record("a", "p", 0, {{2, 5}, {10, 1}}, 20);
  EXPECT_EQ(record.RegretAfter(1), std::nullopt);  // nothing succeeded by then
  EXPECT_EQ(record.RegretAfter(9), 5);
  EXPECT_EQ(record.RegretAfter(10), 1);
  EXPECT_EQ(record.RegretAfter(21), std::nullopt);
}

TEST(Cells, CountsSeedsWithTheSameCurveOnce) {
  const std::vector<RunRecord> records = {Record("a", "p", 0, {{1, 2}}), Record("a", "p", 1, {{1, 2}}),
                                          Record("a", "p", 2, {{1, 3}}), Record("b", "p", 0, {{1, 2}})};
  const std::vector<int> at = {10, 200};
  const Cells cells(records, at);
  EXPECT_THAT(cells.At("a", "p", 10), ElementsAre(2, 3));
  EXPECT_THAT(cells.At("b", "p", 10), ElementsAre(2));
  EXPECT_TRUE(cells.At("a", "p", 200).empty());
  EXPECT_THAT(cells.optimizers(), ElementsAre("a", "b"));
}

class CompareTest : public ::testing::Test {
 protected:
  // Optimisers a and b on five problems; c on one of them only, d on none that counts.
  CompareTest() {
    for (int p = 0; p < 5; ++p) {
      const std::string name = "p" + std::to_string(p);
      facts_.push_back({name, p < 2 ? "one" : "two", 10.0, 3, true});
      for (std::uint64_t seed = 0; seed < 3; ++seed) {
        const double jitter = 0.01 * static_cast<double>(seed);
        records_.push_back(Record("a", name, seed, {{1, jitter + 1}}));
        records_.push_back(Record("b", name, seed, {{1, jitter + (p == 4 ? 0.1 : 4)}}));
        if (p == 1) records_.push_back(Record("c", name, seed, {{1, jitter}}));
      }
      records_.push_back(Record("d", name, 0, {{1, 1}}));
    }
  }

  std::optional<Standings> Compared() {
    const std::vector<int> at = {50};
    return Compare(Cells(records_, at), facts_, 50);
  }

  std::vector<RunRecord> records_;
  std::vector<ProblemFacts> facts_;
};

TEST_F(CompareTest, RanksOnProblemsThatAllHave) {
  const Standings standings = *Compared();
  EXPECT_EQ(standings.problems.size(), 5);
  EXPECT_THAT(standings.groups, ElementsAre("one", "two"));
  ASSERT_EQ(standings.rows.size(), 2);
  const Standing& a = standings.rows[0];
  EXPECT_EQ(a.optimizer, "a");
  EXPECT_EQ(a.fewest_runs, 3);
  EXPECT_DOUBLE_EQ(a.mean_rank, 1.2);
  EXPECT_THAT(a.group_ranks, ElementsAre(1, ::testing::DoubleNear(4.0 / 3, 1e-12)));
  const double score = (Score(1, 10) + Score(1.01, 10) + Score(1.02, 10)) / 3;
  EXPECT_NEAR(a.score, score, 1e-12);
  EXPECT_NEAR(a.group_scores[1], score, 1e-12);
  // Three seeds on each of five problems, all with the same variance.
  double variance = 0;
  for (const double regret : {1.0, 1.01, 1.02})
    variance += (Score(regret, 10) - score) * (Score(regret, 10) - score) / 2;
  EXPECT_NEAR(a.standard_error, std::sqrt(5 * variance / 3) / 5, 1e-12);
}

TEST_F(CompareTest, SetsThoseWithFewProblemsAsideAndLeavesSingleRunsOut) {
  const Standings standings = *Compared();
  ASSERT_EQ(standings.partial.size(), 1);
  EXPECT_THAT(standings.partial[0], HasSubstr("c has 1 of these problems; mean scores there: c 0."));
}

TEST_F(CompareTest, HasNothingToSayWithoutScales) {
  for (ProblemFacts& facts : facts_) facts.scale.reset();
  EXPECT_FALSE(Compared());
}

}  // namespace
}  // namespace qalam::bench
