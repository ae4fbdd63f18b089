// How results of different problems are put on one scale and averaged.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bench/run_record.h"

namespace qalam::bench {

/// 1 - log((regret + d) / d) / log((scale + d) / d), d = scale / 1000, cut to [0, 1]: 0 is as good as one random
/// point, 1 is solved, each factor of 10 in regret is worth about a third. `scale` > 0.
double Score(double regret, double scale);

/// What a table needs to know of a problem.
struct ProblemFacts {
  std::string name, group;
  std::optional<double> scale;  // problems without one have no score
  size_t parameters = 0;
};

/// Regrets by optimiser, problem and number of evaluations, one per distinct run: seeds with the very same
/// curve are one run of an optimiser that ignores its seed.
class Cells {
 public:
  Cells(std::span<const RunRecord> records, std::span<const int> evaluations);

  /// Empty when there are none.
  const std::vector<double>& At(const std::string& optimizer, const std::string& problem, int n) const;
  const std::vector<std::string>& optimizers() const { return optimizers_; }  // in alphabetical order

 private:
  std::map<std::tuple<std::string, std::string, int>, std::vector<double>> cells_;
  std::vector<std::string> optimizers_;
};

/// Mean over problems of one optimiser.
struct Standing {
  std::string optimizer;
  size_t fewest_runs = 0, most_runs = 0;  // distinct runs of a problem
  double score = 0;
  double standard_error = 0;         // over seeds, not over the choice of problems
  std::vector<double> group_scores;  // as Standings::groups
  double mean_rank = 0;              // of median regrets; 1 is best, ties share
  std::vector<double> group_ranks;
};

struct Standings {
  int evaluations = 0;
  std::vector<std::string> problems, groups;
  std::vector<Standing> rows;        // best first
  std::vector<std::string> partial;  // optimisers that lack too many problems: "NAME has N of these ..."
};

/// Optimisers that have at least 80% as many problems as the one with most are compared on the problems all of
/// them have; a cell counts from `kFewestRuns` distinct runs on, or as many as any cell has. Nothing when no
/// problem with a scale is left.
inline constexpr size_t kFewestRuns = 3;
std::optional<Standings> Compare(const Cells& cells, std::span<const ProblemFacts> problems, int evaluations);

/// Ranks of values, 1 for the lowest; values within 1e-12 share the mean of their ranks.
std::vector<double> Ranks(std::span<const double> values);

}  // namespace qalam::bench
