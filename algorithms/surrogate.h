// A cheap model of the objective, fitted to what was observed.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "algorithms/feature_encoding.h"
#include "base/status.h"

namespace qalam::algorithms {

// Shapes, in every comment about models. n: observations, d: columns (feature_encoding.h), q: query points.
//   x  n x d  encoded points, one per row      y  n  values, lower is better, standardised by the caller

struct Posterior {
  Eigen::VectorXd mean;      // q, in the units of y
  Eigen::VectorXd variance;  // q, of the noise-free objective, squared units, >= 0
};

/// What a fit is made from.
struct SurrogateData {
  const std::vector<FeatureColumn>& columns;    // d
  const Eigen::MatrixXd& x;                     // n x d, n >= 1
  const Eigen::VectorXd& y;                     // n, finite
  std::uint64_t seed = 0;                       // of the randomness of the fit, if it has any
  const std::function<bool()>& stop_requested;  // may be empty; true: the fit returns CANCELLED soon
};

/// A fitted model. Threads: immutable.
class Surrogate {
 public:
  virtual ~Surrogate() = default;

  /// `x` is q x d.
  virtual Posterior Predict(const Eigen::MatrixXd& x) const = 0;

  /// The mean, and no less than the variance, at a fraction of the cost where the model has a way: enough to tell
  /// which points are not worth a prediction.
  virtual Posterior PredictOptimistic(const Eigen::MatrixXd& x) const { return Predict(x); }

  /// Whether Predict is smooth in the kSmooth columns, and PredictWithGradient may be called.
  virtual bool has_gradient() const { return false; }

  /// Mean and variance at one point, and their derivatives by each column (0 where the column is not kSmooth
  /// or kOrdered).
  struct PointPosterior {
    double mean = 0, variance = 0;
    Eigen::RowVectorXd mean_gradient, variance_gradient;  // d
  };
  virtual PointPosterior PredictWithGradient(const Eigen::RowVectorXd&) const { return {}; }
};

/// A pure function of the data. CANCELLED after stop_requested.
using FitSurrogate = absl::StatusOr<std::unique_ptr<Surrogate>> (*)(const SurrogateData& data);

}  // namespace qalam::algorithms
