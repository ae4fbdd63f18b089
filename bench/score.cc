#include "bench/score.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "bench/median.h"

namespace qalam::bench {
namespace {

double Mean(std::span<const double> values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

// Unbiased; 0 for a single value.
double Variance(std::span<const double> values) {
  if (values.size() < 2) return 0;
  const double mean = Mean(values);
  double sum = 0;
  for (const double value : values) sum += (value - mean) * (value - mean);
  return sum / static_cast<double>(values.size() - 1);
}

std::vector<double> Scores(std::span<const double> regrets, double scale) {
  std::vector<double> scores;
  for (const double regret : regrets) scores.push_back(Score(regret, scale));
  return scores;
}

}  // namespace

double Score(double regret, double scale) {
  const double d = scale / 1000;
  return std::clamp(1 - std::log((regret + d) / d) / std::log((scale + d) / d), 0.0, 1.0);
}

Cells::Cells(std::span<const RunRecord> records, std::span<const int> evaluations) {
  std::set<std::tuple<std::string, std::string, std::string>> seen;
  std::set<std::string> names;
  for (const RunRecord& record : records) {
    std::string curve;
    for (const Improvement& point : record.curve)
      curve += fmt::format("{}:{:.6g};", point.evaluation, point.regret);
    names.insert(record.optimizer);
    if (!seen.emplace(record.optimizer, record.problem, std::move(curve)).second) continue;
    for (const int n : evaluations) {
      if (const std::optional<double> regret = record.RegretAfter(n))
        cells_[{record.optimizer, record.problem, n}].push_back(*regret);
    }
  }
  optimizers_.assign(names.begin(), names.end());
}

const std::vector<double>& Cells::At(const std::string& optimizer, const std::string& problem, int n) const {
  static const auto* const none = new std::vector<double>();
  const auto found = cells_.find({optimizer, problem, n});
  return found == cells_.end() ? *none : found->second;
}

std::vector<double> Ranks(std::span<const double> values) {
  constexpr double kTie = 1e-12;
  std::vector<double> ranks;
  for (const double value : values) {
    int lower = 0, equal = 0;
    for (const double other : values) {
      if (other < value - kTie) ++lower;
      if (std::abs(other - value) <= kTie) ++equal;
    }
    ranks.push_back(1 + lower + (equal - 1) / 2.0);
  }
  return ranks;
}

std::optional<Standings> Compare(const Cells& cells, std::span<const ProblemFacts> problems,
                                 int evaluations) {
  size_t most_runs = 0;
  for (const std::string& optimizer : cells.optimizers()) {
    for (const ProblemFacts& problem : problems)
      most_runs = std::max(most_runs, cells.At(optimizer, problem.name, evaluations).size());
  }
  const size_t enough = std::max<size_t>(1, std::min(kFewestRuns, most_runs));
  const auto covered = [&](const std::string& optimizer, const ProblemFacts& problem) {
    return problem.scale && cells.At(optimizer, problem.name, evaluations).size() >= enough;
  };

  std::map<std::string, size_t> count;
  size_t most_problems = 0;
  for (const std::string& optimizer : cells.optimizers()) {
    count[optimizer] = std::count_if(problems.begin(), problems.end(),
                                     [&](const ProblemFacts& p) { return covered(optimizer, p); });
    most_problems = std::max(most_problems, count[optimizer]);
  }
  std::vector<std::string> wide;
  for (const auto& [optimizer, problems_of_it] : count) {
    if (problems_of_it > 0 &&
        static_cast<double>(problems_of_it) >= 0.8 * static_cast<double>(most_problems)) {
      wide.push_back(optimizer);
    }
  }

  Standings standings;
  standings.evaluations = evaluations;
  std::vector<const ProblemFacts*> common;
  for (const ProblemFacts& problem : problems) {
    if (!std::all_of(wide.begin(), wide.end(), [&](const std::string& o) { return covered(o, problem); }))
      continue;
    common.push_back(&problem);
    standings.problems.push_back(problem.name);
    if (std::find(standings.groups.begin(), standings.groups.end(), problem.group) == standings.groups.end())
      standings.groups.push_back(problem.group);
  }
  if (wide.empty() || common.empty()) return std::nullopt;

  std::vector<std::vector<double>> ranks;  // by problem, then optimiser
  for (const ProblemFacts* problem : common) {
    std::vector<double> medians;
    for (const std::string& optimizer : wide)
      medians.push_back(Median(cells.At(optimizer, problem->name, evaluations)));
    ranks.push_back(Ranks(medians));
  }
  const auto mean_score = [&](const std::string& optimizer, const std::vector<const ProblemFacts*>& list) {
    double sum = 0;
    for (const ProblemFacts* problem : list)
      sum += Mean(Scores(cells.At(optimizer, problem->name, evaluations), *problem->scale));
    return sum / static_cast<double>(list.size());
  };
  for (size_t j = 0; j < wide.size(); ++j) {
    Standing row;
    row.optimizer = wide[j];
    row.fewest_runs = std::string::npos;
    double variance = 0;
    for (size_t i = 0; i < common.size(); ++i) {
      const std::vector<double>& regrets = cells.At(wide[j], common[i]->name, evaluations);
      row.fewest_runs = std::min(row.fewest_runs, regrets.size());
      row.most_runs = std::max(row.most_runs, regrets.size());
      variance += Variance(Scores(regrets, *common[i]->scale)) / static_cast<double>(regrets.size());
      row.mean_rank += ranks[i][j] / static_cast<double>(common.size());
    }
    row.score = mean_score(wide[j], common);
    row.standard_error = std::sqrt(variance) / static_cast<double>(common.size());
    for (const std::string& group : standings.groups) {
      std::vector<const ProblemFacts*> of_group;
      double rank = 0;
      for (size_t i = 0; i < common.size(); ++i) {
        if (common[i]->group != group) continue;
        of_group.push_back(common[i]);
        rank += ranks[i][j];
      }
      row.group_scores.push_back(mean_score(wide[j], of_group));
      row.group_ranks.push_back(rank / static_cast<double>(of_group.size()));
    }
    standings.rows.push_back(std::move(row));
  }
  std::stable_sort(standings.rows.begin(), standings.rows.end(),
                   [](const Standing& a, const Standing& b) { return a.score > b.score; });

  for (const auto& [optimizer, problems_of_it] : count) {
    if (problems_of_it == 0 || std::find(wide.begin(), wide.end(), optimizer) != wide.end()) continue;
    std::vector<const ProblemFacts*> shared;
    for (const ProblemFacts* problem : common) {
      if (covered(optimizer, *problem)) shared.push_back(problem);
    }
    if (shared.empty()) continue;
    std::vector<std::pair<double, std::string>> scores = {{mean_score(optimizer, shared), optimizer}};
    for (const std::string& other : wide) scores.emplace_back(mean_score(other, shared), other);
    std::stable_sort(scores.begin(), scores.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    std::vector<std::string> texts;
    for (const auto& [score, name] : scores) texts.push_back(fmt::format("{} {:.3f}", name, score));
    standings.partial.push_back(fmt::format("{} has {} of these problems; mean scores there: {}", optimizer,
                                            shared.size(), fmt::join(texts, ", ")));
  }
  return standings;
}

}  // namespace qalam::bench
