// The Gaussian process of an experiment's finished trials, fitted and factorised no more often than needed.
#pragma once

#include <Eigen/Core>
#include <functional>
#include <limits>
#include <memory>
#include <vector>

#include "algorithms/gaussian_process.h"
#include "base/status.h"

namespace qalam::algorithms {

/// The largest number of the fitting schedule that is <= n: every number up to 24, then in steps of a sixteenth or
/// so. Kernel parameters are fitted to that many observations, the first ones, so they are known from the history
/// alone and change seldom.
Eigen::Index FittedLength(Eigen::Index n);

struct GpModel {
  GaussianProcess process;  // of all observations; values not set
  Eigen::VectorXd values;   // transformed and standardised: what SetValues is to be given
  double zero = 0;          // where a value of 0 is on that scale
  double log_k = 0;         // compression by which they were transformed
  double resolution = 0;    // the step of measured values below the best, on the same scale; 0: continuous
};

/// Fits to the first FittedLength(n) of the observations (starting, among others, from the fit at half that length,
/// and so on down), and adds the rest to the factor. `values` are finite, lower is better, in the order in which
/// they became known.
///
/// Fits and factors are kept for the whole program, up to some 20 MB, by a hash of all they depend on; asking again
/// with one more observation costs O(n^2) until the next scheduled fit, which costs O(100 m^3) with
/// m = min(n, 160): longer histories are fitted to their best quarter and an even selection of the rest.
///
/// `max_log_k` bounds the compression of bad values. CANCELLED after stop_requested. Any thread may call.
absl::StatusOr<GpModel> FitGpModel(const std::vector<FeatureColumn>& columns, const Eigen::MatrixXd& x,
                                   const Eigen::VectorXd& values, const std::function<bool()>& stop_requested,
                                   double max_log_k = std::numeric_limits<double>::infinity());

}  // namespace qalam::algorithms
