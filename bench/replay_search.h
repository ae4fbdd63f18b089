// What other search algorithms might have done with an experiment that was really run: estimates.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "algorithms/algorithm.h"
#include "base/status.h"
#include "bench/optimizer.h"

namespace qalam::bench {

struct SearchReplayOptions {
  int trials = 0;   // of each search; >= 1
  int workers = 1;  // >= 1
  int seeds = 10;   // >= 2
};

/// The best value after a number of trials, as the surrogate has it, over the seeds.
struct EstimatedBest {
  int trials = 0;
  double low = 0, median = 0, high = 0;  // low and high: quantiles 0.1 and 0.9; low <= high
};

struct EstimatedSearch {
  std::string name;
  std::vector<EstimatedBest> best;  // after a quarter, a half and all of the trials
};

struct SearchReplay {
  int observations = 0;      // that the surrogate was fitted to
  double error = 0;          // root mean square, in the objective's units, of predictions for trials left out
  double explained = 0;      // share of the variance that these explain, at most 1
  double in_order = 0;       // share of pairs of trials that they put in the right order
  EstimatedSearch recorded;  // the trials that were run, as the surrogate sees them
  std::vector<EstimatedSearch> searches;
};

/// Fewer say too little about a search space with d parameters.
int FewestToReplay(size_t d);
/// A surrogate that explains less of the variance is none.
inline constexpr double kLeastExplained = 0.2;

/// Each seed fits extremely randomised trees to a bootstrap sample of the trials, and every optimizer searches on those: so the
/// spread over the seeds is that of the searches and of what the trials leave open about the objective. Trees never predict
/// better than the best trial: what a search would have found beyond it is not seen. `points` and `values`, finite and in the
/// objective's units, are in the order in which the trials were started.
///
/// The errors come from five-fold cross-validation. A pure function. FAILED_PRECONDITION, with the reason: fewer than
/// FewestToReplay trials, all values equal, less than kLeastExplained. INVALID_ARGUMENT: settings an algorithm refuses.
absl::StatusOr<SearchReplay> ReplaySearch(const algorithms::SearchSpace& space,
                                          algorithms::Direction direction,
                                          const std::vector<algorithms::Point>& points,
                                          const std::vector<double>& values,
                                          const std::vector<Optimizer>& optimizers,
                                          const SearchReplayOptions& options);

}  // namespace qalam::bench
