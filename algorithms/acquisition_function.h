// How promising a point is, from what a model says of its value.
#pragma once

#include <string_view>

namespace qalam::algorithms {

// Phi and phi: distribution function and density of the standard normal. h(z) = phi(z) + z Phi(z): expected
// improvement in units of the standard deviation.

/// A value and its derivative.
struct ValueAndSlope {
  double value = 0, slope = 0;
};

/// log h(z) and Phi(z) / h(z), log Phi(z) and phi(z) / Phi(z). Relative error below 1e-13 for every finite z:
/// left of -3 both come from Laplace's continued fraction for the ratio of Mills, in which nothing cancels.
ValueAndSlope LogExpectedImprovementRatio(double z);
ValueAndSlope LogNormalCdf(double z);

enum class AcquisitionKind {
  kLogExpectedImprovement,       // log EI [1]: its gradient does not vanish where EI underflows
  kLogProbabilityOfImprovement,  // log Phi(z)
  kLowerConfidenceBound,         // 1.96 sd - mean, the factor of scikit-optimize
};

struct Acquisition {
  double value = 0;  // larger is better
  double by_mean = 0, by_variance = 0;
};

/// For a minimised objective with the given mean and variance where `best` is to be improved on. A variance below
/// 1e-18 counts as that.
///
/// [1] Ament et al., Unexpected Improvements to Expected Improvement for Bayesian Optimization, NeurIPS 2023.
/// Departs from [1] in the continued fraction, which needs no erfcx and no asymptotic branch.
Acquisition Evaluate(AcquisitionKind kind, double mean, double variance, double best);

}  // namespace qalam::algorithms
