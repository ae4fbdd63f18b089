#include "bench/report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>

#include "bench/catch_up.h"
#include "bench/files.h"
#include "bench/markdown.h"
#include "bench/median.h"
#include "bench/statistics.h"
#include "bench/svg_plot.h"

namespace qalam::bench {
namespace {

using Rows = std::vector<std::vector<std::string>>;

constexpr int kTargets = 10;  // of data profiles: regrets scale 10^(-k/2), k = 1 .. kTargets

// Where curves are read off: every evaluation at first, then in steps of some 5%.
std::vector<int> Grid(int budget) {
  std::vector<int> grid;
  for (int n = 1; n < budget; n = std::max(n + 1, static_cast<int>(n * 1.05))) grid.push_back(n);
  grid.push_back(budget);
  return grid;
}

std::string FileName(std::string text) {
  for (char& c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '-' && c != '_' && c != '.') c = '_';
  }
  return text;
}

std::string PValue(double p) { return p < 0.001 ? "< 0.001" : fmt::format("{:.3f}", p); }

class ReportBuilder {
 public:
  explicit ReportBuilder(const ReportInput& input)
      : input_(input), grid_(Grid(input.evaluations.back())), cells_(input.records, AllCounts()) {}

  Document Build() {
    Add(Heading{1, "Benchmark"});
    Add(Paragraph{input_.conditions});
    AddStandings();
    AddProfiles();
    AddTarget();
    AddCatchUps();
    AddTimes();
    AddProblems();
    return std::move(document_);
  }

 private:
  template <class T>
  void Add(T block) {
    document_.push_back(std::move(block));
  }

  std::vector<int> AllCounts() const {
    std::set<int> counts(grid_.begin(), grid_.end());
    counts.insert(input_.evaluations.begin(), input_.evaluations.end());
    return {counts.begin(), counts.end()};
  }

  void AddStandings() {
    std::optional<Standings> last;
    for (const int n : input_.evaluations) {
      const std::optional<Standings> standings = Compare(cells_, input_.problems, n);
      if (!standings) continue;
      if (!last) {
        Add(Heading{2, "Score"});
        Add(
            Paragraph{"1 - log((r + d) / d) / log((s + d) / d), cut to [0, 1], where r is the lowest regret "
                      "so far, s the "
                      "median regret of a random point and d = s / 1000: 0 is as good as one random point, 1 "
                      "is solved, each "
                      "factor of 10 is worth about a third. Standard errors are over seeds. Seeds with the "
                      "same curve count "
                      "once. Ranks are of the median regret."});
      }
      Add(Heading{3, fmt::format("After {} {}: {} problems", n, input_.unit, standings->problems.size())});
      Add(TableBlock{StandingsRows(*standings)});
      for (const std::string& line : standings->partial) Add(Paragraph{line + "."});
      last = standings;
    }
    if (!last) return;
    AddScorePlots();
    AddSignificance(*last);
  }

  void AddScorePlots() {
    std::map<std::string, std::map<std::string, PlotSeries>> by_group;  // "" is all problems
    std::vector<std::string> groups;
    for (const int n : grid_) {
      const std::optional<Standings> standings = Compare(cells_, input_.problems, n);
      if (!standings) continue;
      groups = standings->groups;
      const auto add = [this, n](PlotSeries& series, const std::string& name, double score) {
        series.name = name;
        series.style = StyleOf(name);
        series.x.push_back(n);
        series.y.push_back(score);
      };
      for (const Standing& row : standings->rows) {
        add(by_group[""][row.optimizer], row.optimizer, row.score);
        for (size_t i = 0; i < groups.size(); ++i)
          add(by_group[groups[i]][row.optimizer], row.optimizer, row.group_scores[i]);
      }
    }
    if (groups.size() < 2) groups.clear();
    groups.insert(groups.begin(), "");
    for (const std::string& group : groups) {
      std::vector<PlotSeries> series;
      for (const auto& [name, line] : by_group[group]) series.push_back(line);
      const std::string title = group.empty() ? "Mean score" : fmt::format("Mean score, {}", group);
      Add(PlotBlock{FileName("score" + (group.empty() ? "" : "-" + group)), title,
                    SvgPlot({.title = title, .x_label = input_.unit, .y_label = "score"}, series)});
    }
  }

  void AddSignificance(const Standings& standings) {
    if (standings.rows.size() < 2 || standings.problems.size() < 2) return;
    std::vector<std::vector<double>> ranks, scores(standings.rows.size());
    for (const ProblemFacts& problem : input_.problems) {
      if (std::find(standings.problems.begin(), standings.problems.end(), problem.name) ==
          standings.problems.end())
        continue;
      std::vector<double> medians;
      for (size_t j = 0; j < standings.rows.size(); ++j) {
        const std::vector<double>& regrets =
            cells_.At(standings.rows[j].optimizer, problem.name, standings.evaluations);
        medians.push_back(Median(regrets));
        double sum = 0;
        for (const double regret : regrets) sum += Score(regret, *problem.scale);
        scores[j].push_back(sum / static_cast<double>(regrets.size()));
      }
      ranks.push_back(Ranks(medians));
    }
    std::vector<double> p_values;
    for (size_t a = 0; a < scores.size(); ++a) {
      for (size_t b = a + 1; b < scores.size(); ++b) {
        std::vector<double> differences;
        for (size_t i = 0; i < scores[a].size(); ++i) differences.push_back(scores[a][i] - scores[b][i]);
        p_values.push_back(WilcoxonPValue(differences));
      }
    }
    const std::vector<double> adjusted = HolmAdjusted(p_values);

    Add(Heading{2, "Significance"});
    Add(Paragraph{fmt::format(
        "After {} {}, over {} problems. Friedman test on the ranks of the medians (Iman and "
        "Davenport's "
        "form): p {}{}. Below: p-values of Wilcoxon's signed-rank test on the problems' mean scores for each "
        "pair, "
        "with Holm's correction; 0.050 or less is a difference that holds over problems like these.",
        standings.evaluations, input_.unit, standings.problems.size(),
        FriedmanPValue(ranks) < 0.001 ? "" : "= ", PValue(FriedmanPValue(ranks)))});
    Rows rows = {{"optimizer", "mean rank"}};
    for (const Standing& standing : standings.rows) rows[0].push_back(standing.optimizer);
    for (size_t a = 0; a < scores.size(); ++a) {
      std::vector<std::string> row = {standings.rows[a].optimizer,
                                      fmt::format("{:.2f}", standings.rows[a].mean_rank)};
      for (size_t b = 0; b < scores.size(); ++b) {
        const size_t first = std::min(a, b), second = std::max(a, b);
        const size_t pair = first * scores.size() - first * (first + 1) / 2 + second - first - 1;
        row.push_back(a == b ? "" : PValue(adjusted[pair]));
      }
      rows.push_back(std::move(row));
    }
    Add(TableBlock{std::move(rows)});
  }

  // Share of the pairs of run and target that are solved within so many evaluations per parameter.
  void AddProfiles() {
    std::map<std::string, std::vector<double>> solved;  // evaluations per parameter, one for each pair solved
    std::map<std::string, size_t> pairs;
    double longest = 0;
    for (const RunRecord& record : input_.records) {
      const ProblemFacts* problem = FactsOf(record.problem);
      if (problem == nullptr || !problem->scale) continue;
      const auto parameters = static_cast<double>(std::max<size_t>(1, problem->parameters));
      longest = std::max(longest, record.evaluations / parameters);
      pairs[record.optimizer] += kTargets;
      for (int k = 1; k <= kTargets; ++k) {
        const double target = *problem->scale * std::pow(10, -0.5 * k);
        const auto hit = std::find_if(record.curve.begin(), record.curve.end(),
                                      [&](const Improvement& point) { return point.regret <= target; });
        if (hit != record.curve.end()) solved[record.optimizer].push_back(hit->evaluation / parameters);
      }
    }
    if (pairs.empty()) return;
    std::vector<PlotSeries> series;
    for (const auto& [optimizer, count] : pairs) {
      PlotSeries line{optimizer, {}, {}, {}, {}, StyleOf(optimizer)};
      std::vector<double>& at = solved[optimizer];
      std::sort(at.begin(), at.end());
      for (double x = 0.1; x < longest * 1.1; x *= 1.1) {
        const auto within = std::upper_bound(at.begin(), at.end(), x) - at.begin();
        line.x.push_back(x);
        line.y.push_back(static_cast<double>(within) / static_cast<double>(count));
      }
      series.push_back(std::move(line));
    }
    Add(Heading{2, "Data profile"});
    Add(
        Paragraph{fmt::format("Share of the pairs of a run and a target that are solved. Targets of a "
                              "problem are {} regrets from 0.3 of "
                              "its scale down to {:.0e} of it, evenly spaced in the logarithm (Moré and Wild "
                              "2009; Hansen et al. 2021). A "
                              "run that was made with fewer {} has less time to solve them.",
                              kTargets, std::pow(10, -0.5 * kTargets), input_.unit)});
    Add(PlotBlock{"data-profile", "Data profile",
                  SvgPlot({.title = "Data profile",
                           .x_label = input_.unit + " per parameter",
                           .y_label = "share of targets solved",
                           .log_x = true},
                          series)});
  }

  void AddTarget() {
    if (!input_.target_regret) return;
    Add(Heading{2, TargetCaption(input_)});
    Add(Paragraph{
        fmt::format("All {} until the target or the end of the run, divided by the number of runs that "
                    "reached it; in parentheses, how many did.",
                    input_.unit)});
    Add(TableBlock{TargetRows(input_, *input_.target_regret)});
  }

  void AddCatchUps() {
    if (input_.reference.empty()) return;
    Add(Heading{2, fmt::format("Where {} ends", input_.reference)});
    for (const ProblemFacts& problem : input_.problems) {
      double target = 0;
      const std::vector<CatchUp> entries =
          CatchUps(RecordsOf(input_.records, problem.name), input_.reference, target);
      if (entries.empty()) continue;
      Add(Paragraph{CatchUpCaption(problem.name, input_.reference, target)});
      Add(TableBlock{CatchUpRows(entries, input_.unit)});
    }
  }

  void AddTimes() {
    Rows rows = {{"optimizer"}};
    std::vector<size_t> shown;
    for (size_t i = 0; i < kHistoryLengths.size(); ++i) {
      const bool any =
          std::any_of(input_.records.begin(), input_.records.end(),
                      [&](const RunRecord& record) { return record.milliseconds[i].has_value(); });
      if (!any) continue;
      shown.push_back(i);
      rows[0].push_back(fmt::format("{} trials", kHistoryLengths[i]));
    }
    if (shown.empty()) return;
    for (const std::string& optimizer : cells_.optimizers()) {
      std::vector<std::string> row = {optimizer};
      for (const size_t i : shown) {
        std::vector<double> times;
        for (const RunRecord& record : input_.records) {
          if (record.optimizer == optimizer && record.milliseconds[i])
            times.push_back(*record.milliseconds[i]);
        }
        row.push_back(times.empty() ? "" : ShortNumber(Median(std::move(times))));
      }
      rows.push_back(std::move(row));
    }
    Add(Heading{2, "Milliseconds per suggestion"});
    Add(
        Paragraph{"Processor time of one thread (outside services: elapsed time), median over problems and "
                  "seeds, by the "
                  "number of finished trials. It depends on the machine, and on what else ran there."});
    Add(TableBlock{std::move(rows)});
  }

  void AddProblems() {
    Add(Heading{2, "Problems"});
    for (const ProblemFacts& problem : input_.problems) {
      std::vector<PlotSeries> series;
      for (const std::string& optimizer : cells_.optimizers()) {
        PlotSeries line{optimizer, {}, {}, {}, {}, StyleOf(optimizer)};
        for (const int n : grid_) {
          const std::vector<double>& regrets = cells_.At(optimizer, problem.name, n);
          if (regrets.empty()) continue;
          line.x.push_back(n);
          line.y.push_back(Median(regrets));
          line.low.push_back(Quantile(regrets, 0.25));
          line.high.push_back(Quantile(regrets, 0.75));
        }
        if (line.x.empty()) continue;
        series.push_back(std::move(line));
      }
      if (series.empty()) continue;
      const std::string measure = problem.has_best ? "regret" : "loss";
      Add(Heading{3, problem.name});
      Add(Paragraph{fmt::format("{}, {} parameter{}{}. Median {} [quartiles].", problem.group,
                                problem.parameters, problem.parameters == 1 ? "" : "s",
                                problem.scale ? fmt::format(", scale {}", ShortNumber(*problem.scale)) : "",
                                measure)});
      Add(TableBlock{RegretRows(cells_, problem.name, input_.evaluations)});
      Add(PlotBlock{
          FileName("problem-" + problem.name), problem.name,
          SvgPlot(
              {.title = problem.name, .x_label = input_.unit, .y_label = measure, .log_y = problem.has_best},
              series)});
    }
  }

  size_t StyleOf(const std::string& optimizer) const {
    const std::vector<std::string>& all = cells_.optimizers();
    return static_cast<size_t>(std::find(all.begin(), all.end(), optimizer) - all.begin());
  }

  const ProblemFacts* FactsOf(const std::string& name) const {
    for (const ProblemFacts& problem : input_.problems) {
      if (problem.name == name) return &problem;
    }
    return nullptr;
  }

  const ReportInput& input_;
  const std::vector<int> grid_;
  const Cells cells_;
  Document document_;
};

}  // namespace

std::vector<std::vector<std::string>> RegretRows(const Cells& cells, const std::string& problem,
                                                 std::span<const int> evaluations) {
  Rows rows = {{"optimizer", "runs"}};
  for (const int n : evaluations) rows[0].push_back(std::to_string(n));
  for (const std::string& optimizer : cells.optimizers()) {
    std::vector<std::string> row = {optimizer, ""};
    size_t runs = 0;
    for (const int n : evaluations) {
      const std::vector<double>& regrets = cells.At(optimizer, problem, n);
      runs = std::max(runs, regrets.size());
      row.push_back(regrets.empty() ? ""
                                    : fmt::format("{} [{}, {}]", ShortNumber(Median(regrets)),
                                                  ShortNumber(Quantile(regrets, 0.25)),
                                                  ShortNumber(Quantile(regrets, 0.75))));
    }
    row[1] = std::to_string(runs);
    if (runs > 0) rows.push_back(std::move(row));
  }
  return rows;
}

Document Report(const ReportInput& input) { return ReportBuilder(input).Build(); }

TargetResult EvaluationsToTarget(std::span<const RunRecord* const> runs, double regret) {
  TargetResult result;
  double evaluations = 0;
  for (const RunRecord* run : runs) {
    ++result.runs;
    const auto hit = std::find_if(run->curve.begin(), run->curve.end(),
                                  [&](const Improvement& point) { return point.regret <= regret; });
    if (hit != run->curve.end()) ++result.reached;
    evaluations += hit != run->curve.end() ? hit->evaluation : run->evaluations;
  }
  if (result.reached > 0) result.expected_evaluations = evaluations / result.reached;
  return result;
}

std::string TargetCaption(const ReportInput& input) {
  return fmt::format("{} to a regret of {}", input.unit == "epochs" ? "Epochs" : "Evaluations",
                     ShortNumber(*input.target_regret));
}

std::vector<std::vector<std::string>> TargetRows(const ReportInput& input, double regret) {
  std::set<std::string> optimizers;
  for (const RunRecord& record : input.records) optimizers.insert(record.optimizer);
  Rows rows = {{"problem"}};
  for (const std::string& optimizer : optimizers) rows[0].push_back(optimizer);
  for (const ProblemFacts& problem : input.problems) {
    std::vector<std::string> row = {problem.name};
    for (const std::string& optimizer : optimizers) {
      std::vector<const RunRecord*> runs;
      for (const RunRecord& record : input.records) {
        if (record.optimizer == optimizer && record.problem == problem.name) runs.push_back(&record);
      }
      const TargetResult result = EvaluationsToTarget(runs, regret);
      row.push_back(
          runs.empty() ? ""
          : result.expected_evaluations
              ? fmt::format("{:.0f} ({}/{})", *result.expected_evaluations, result.reached, result.runs)
              : fmt::format("- (0/{})", result.runs));
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

absl::Status WriteReport(const Document& document, const std::string& directory) {
  const std::filesystem::path root(directory);
  std::error_code error;
  std::filesystem::create_directories(root / "plots", error);
  if (error) return absl::UnavailableError(fmt::format("{}: cannot be made: {}", directory, error.message()));
  QALAM_RETURN_IF_ERROR(ReplaceFile((root / "REPORT.md").string(), ToMarkdown(document)));
  QALAM_RETURN_IF_ERROR(ReplaceFile((root / "report.html").string(), ToHtml(document, "Benchmark")));
  for (const Block& block : document) {
    if (const auto* plot = std::get_if<PlotBlock>(&block))
      QALAM_RETURN_IF_ERROR(ReplaceFile((root / "plots" / (plot->name + ".svg")).string(), plot->svg));
  }
  return absl::OkStatus();
}

}  // namespace qalam::bench
