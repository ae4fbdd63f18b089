// Minimisation of smooth functions in a box.
#pragma once

#include <Eigen/Core>

#include "absl/functional/function_ref.h"

namespace qalam::algorithms {

struct LbfgsOptions {
  int max_evaluations = 100;         // of the function and its gradient together; >= 1
  double relative_tolerance = 1e-8;  // stop when a step changes the value by less than this share of it
};

struct Minimum {
  Eigen::VectorXd x;
  double value = 0;  // +infinity: no finite value was met, and x is the start
};

/// The value at x; writes the derivatives to `gradient`, which has the size of x. A value or a derivative that
/// is not finite marks x as no place to go.
using SmoothFunction = absl::FunctionRef<double(const Eigen::VectorXd& x, Eigen::VectorXd& gradient)>;

/// The best point met by NLopt's L-BFGS (Luksan's, after Nocedal 1980) from `start`, which is moved into the box
/// [lower, upper] first. Never worse than the start; failures of the line search end the search, nothing else.
/// Deterministic.
Minimum MinimizeLbfgs(SmoothFunction f, const Eigen::VectorXd& start, const Eigen::VectorXd& lower,
                      const Eigen::VectorXd& upper, const LbfgsOptions& options = {});

}  // namespace qalam::algorithms
