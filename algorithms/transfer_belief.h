// A Gaussian process that also knows the trials of earlier experiments.
#pragma once

#include <memory>
#include <vector>

#include "algorithms/belief_model.h"
#include "algorithms/related_trials.h"

namespace qalam::algorithms {

/// One process for all experiments [1]: each earlier one has a column of its own that tells its trials from
/// the others, so that the column's length scale says how much it has in common with this experiment; it is
/// found by the evidence, like all others, and its prior takes experiments for alike. Values of earlier
/// experiments are the mapped ones. Predictions, beliefs and the value to improve on are those of this
/// experiment; before it has observations, the least mapped value is to be improved on.
///
/// `data` may have no rows if `related` has some. At most 60 earlier trials are used in all, of each
/// experiment in proportion to its relevance. Cost and errors: as BelieveGaussianProcess for all trials
/// together.
///
/// [1] Swersky, Snoek, Adams, Multi-Task Bayesian Optimization, NIPS 2013.
absl::StatusOr<std::unique_ptr<BeliefModel>> BelieveTransferred(const BeliefData& data,
                                                                const std::vector<RelatedExperiment>& related,
                                                                const FeatureEncoding& encoding,
                                                                const std::function<bool()>& stop_requested);

}  // namespace qalam::algorithms
