// The Matern kernel of smoothness 5/2, which takes most of the time of a Gaussian process.
#pragma once

#include <Eigen/Core>

namespace qalam::algorithms {

/// M(r) = (1 + u + u^2 / 3) exp(-u) with u = sqrt5 r, and -2 dM / d(r^2) = 5/3 (1 + u) exp(-u), for each entry of r,
/// which is >= 0. Relative error below 1e-15; where exp(-u) underflows, the results are below 1e-300. The same to the last
/// bit on every processor.
void Matern52(const Eigen::Ref<const Eigen::ArrayXd>& r, Eigen::Ref<Eigen::ArrayXd> value,
              Eigen::Ref<Eigen::ArrayXd> slope);

}  // namespace qalam::algorithms
