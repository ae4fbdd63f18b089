// Observed values as a Gaussian process likes them: of order one, and not skewed by the bad ones.
#pragma once

#include <Eigen/Core>

namespace qalam::algorithms {

/// Compresses values by how far they are above the best, then standardises:
///
///   t = (y - min y) / (median y - min y)    w = log(1 + k t) / k    z = (w - mean w) / sd w
///
/// Increasing for every compression k > 0. A small k is the identity (k = 0.001: up to 0.5 % at the median's
/// tenfold), a large k a logarithm of the distance to the best. One parameter suffices where Yeo-Johnson's would
/// have to be shifted first, and only bad values are compressed: what is near the best keeps its scale. When half
/// of the values are the best one, their mean takes the place of the median.
struct TransformedValues {
  Eigen::VectorXd z;           // mean 0, sd 1; all 0 when the values are equal
  Eigen::VectorXd z_by_log_k;  // derivative by log k
  double log_jacobian = 0;     // sum of log dz/dt: what a density of z gains as a density of t
  double log_jacobian_by_log_k = 0;
};

/// `values` are finite, at least one; sizes up to the largest double do no harm.
TransformedValues TransformValues(const Eigen::VectorXd& values, double log_k);

}  // namespace qalam::algorithms
