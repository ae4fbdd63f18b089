// What earlier experiments say about this one, and how far they are to be believed.
#pragma once

#include <functional>
#include <vector>

#include "algorithms/feature_encoding.h"
#include "algorithms/observations.h"

namespace qalam::algorithms {

struct RelatedExperiment {
  std::vector<Observation>
      finished;          // at most kMaxRelated: the best half of them, the others spread evenly; best first
  double relevance = 1;  // in (0, 1]
  /// The values of `finished` as this experiment would have measured them: an affine, increasing map that fits what was
  /// observed here where this experiment has trials; unchanged where it has none.
  std::vector<double> values;
};

inline constexpr size_t kMaxRelated = 60;  // of one experiment

/// The experiments of History::earlier that have results and are not irrelevant, in the user's order.
///
/// Relevance is judged by ranks, as in [1], since values of other data sets are seldom comparable: extremely
/// randomised trees are fitted to the earlier trials and predict the trials observed here; of the pairs of
/// these, the share that the prediction puts in the right order is what counts. Before there are pairs an
/// experiment is believed; at a share that chance might give, it is not. Beyond some 10 trials relevance
/// rests on them alone. Below 0.05 the experiment is left out.
///
/// O(100 d m log m + 100 n log m) for each experiment with m used trials: some 10 ms the first time. A pure
/// function. CANCELLED after stop_requested.
///
/// [1] Feurer, Letham, Hutter, Bakshy, Practical Transfer Learning for Bayesian Optimization, arXiv:1802.02219, 2018.
absl::StatusOr<std::vector<RelatedExperiment>> Relate(const Problem& problem, const FeatureEncoding& encoding,
                                                      const History& history, const Observations& seen,
                                                      const std::function<bool()>& stop_requested);

}  // namespace qalam::algorithms
