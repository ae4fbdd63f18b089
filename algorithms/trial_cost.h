// What a trial costs besides its value, on the logarithmic scale of the acquisition.
#pragma once

#include <optional>
#include <vector>

#include "algorithms/gaussian_process.h"
#include "algorithms/observations.h"

namespace qalam::algorithms {

/// The logarithm of what a trial at a point is worth less because others failed near it: 6 at a failure, 0 at a
/// success, smooth in between, learned by a Gaussian process of its own, with noise, as a failure may have had other
/// reasons. So a failure takes its neighbourhood a factor of up to 400 of expected improvement, and a success among
/// failures gives it back. An infeasible point costs 40: no improvement that a model expects beyond it makes up for that.
///
/// Of the failures the last 150 count, of the successes the 50 best and 100 spread evenly over the others. Nothing
/// when there are no failures.
std::optional<GaussianProcess> FailureCost(const FeatureEncoding& encoding, const Observations& seen);

/// The logarithm of the seconds a trial takes, up to a constant, likewise learned from at most 150 trials of known
/// duration. Nothing when there are fewer than three.
std::optional<GaussianProcess> TimeCost(const FeatureEncoding& encoding, const Observations& seen);

}  // namespace qalam::algorithms
