// Observed values as a Gaussian process likes them: of order one, and not skewed by the bad ones.
#pragma once

#include <Eigen/Core>

namespace qalam::algorithms {

/// What distances above the best value are measured in.
struct ValueScale {
  double half_least = 0;  // halves, as sums and differences of doubles may not be finite
  double half_unit = 1;   // > 0
};

/// The least value, and the median distance of the first ten from it: what is lost without optimising, as the later
/// ones crowd where it is good. When that is 0 the mean distance of all, or 1 when they are equal. `values` are
/// finite, at least one.
ValueScale ScaleOf(const Eigen::VectorXd& values);

/// Compresses values by how far they are above the best, then standardises:
///
///   t = (y - least) / unit    w = log(1 + k t) / k    z = (w - mean w) / sd w
///
/// Increasing for every compression k > 0. A small k is the identity (k = 0.001: up to 0.5 % at ten units), a large k
/// a logarithm of the distance to the best. One parameter suffices where Yeo-Johnson's would have to be shifted
/// first, and only bad values are compressed: below 1 / k units values keep their distances, so that progress there
/// is not taken for more than it is.
struct TransformedValues {
  Eigen::VectorXd z;           // mean 0, sd 1; all 0 when the values are equal
  Eigen::VectorXd z_by_log_k;  // derivative by log k
  double z_by_t = 0;           // derivative at the least value, where it is largest
  double mean_w = 0;
  double log_jacobian = 0;  // sum of log dz/dt: what a density of z gains as a density of t
  double log_jacobian_by_log_k = 0;
};

/// `values` are finite and none is below the scale's least; sizes up to the largest double do no harm.
TransformedValues TransformValues(const Eigen::VectorXd& values, const ValueScale& scale, double log_k);

/// Where another value is on the scale of `transformed`, which TransformValues made with the same scale and compression;
/// below the least value the transform goes on as a straight line. Where all values were equal, their distance in units.
double TransformedAt(double value, const ValueScale& scale, double log_k,
                     const TransformedValues& transformed);

/// What the measured values are multiples of, in units of t: accuracy on 500 samples comes in steps of 1/500. The least
/// difference of two values when at least a third of the values repeat another one, as measured numbers do; else 0.
double ResolutionOf(const Eigen::VectorXd& values, const ValueScale& scale);

}  // namespace qalam::algorithms
