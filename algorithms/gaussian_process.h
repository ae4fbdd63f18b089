// The posterior of a Gaussian process for fixed parameters.
#pragma once

#include <Eigen/Core>
#include <cmath>

#include "algorithms/gp_kernel.h"
#include "algorithms/surrogate.h"

namespace qalam::algorithms {

/// Exact regression, GPML algorithm 2.1, that grows by one observation at a time: the Cholesky factor of the
/// covariance of what was observed. Values are given after the points, as they may change (a new best changes how
/// they are standardised) without touching the factor.
///
/// Cost: O(n^3 / 3) to make, O(n^2) to add a point or to set the values, O(n^2 + n d) per prediction.
/// Determinism: a factor made from n points and grown by m is one function of both, to the last bit.
/// Threads: const methods may run concurrently.
///
/// GPML: Rasmussen, Williams, Gaussian Processes for Machine Learning, MIT Press 2006.
class GaussianProcess final : public Surrogate {
 public:
  /// INTERNAL: the covariance is not positive definite even with 1e-2 of its diagonal added (some input is not
  /// finite).
  static absl::StatusOr<GaussianProcess> Make(const std::vector<FeatureColumn>& columns,
                                              const GpParameters& parameters, const Eigen::MatrixXd& x);

  /// The points and the factor in half the memory, to be kept; without values.
  struct Packed {
    double jitter;
    Eigen::MatrixXd u;       // n x d, embedded
    Eigen::VectorXd factor;  // n (n + 1) / 2, column after column from the diagonal down
  };
  Packed Pack() const;

  /// The process that was packed, to the last bit. `columns` and `parameters` are its own.
  static GaussianProcess Unpack(const std::vector<FeatureColumn>& columns, const GpParameters& parameters,
                                const Packed& packed);

  void AddPoint(const Eigen::RowVectorXd& x);

  /// One value per point; to be called after the last point, before any prediction.
  void SetValues(const Eigen::VectorXd& z);

  /// Adds what the process itself expects at x, so that it knows x but has learned no value: the believer of
  /// Ginsbourger et al. 2010. The mean stays as it is everywhere, the variance shrinks around x.
  void AddBelief(const Eigen::RowVectorXd& x);

  Eigen::Index size() const { return u_.rows(); }
  const GpParameters& parameters() const { return parameters_; }

  /// The least posterior mean among the points added so far: the value to improve on, from which noise is
  /// removed.
  double BestMean() const;

  /// The posterior means at all points added so far, in their order.
  Eigen::VectorXd PointMeans() const;

  Posterior Predict(const Eigen::MatrixXd& x) const override;
  /// Of the noise-free objective at all q points together; q x q. O(q n^2 + q^2 n).
  Eigen::MatrixXd Covariance(const Eigen::MatrixXd& x) const;
  /// The variance is what the single most informative observation leaves. O(n d).
  Posterior PredictOptimistic(const Eigen::MatrixXd& x) const override;
  bool has_gradient() const override { return true; }
  PointPosterior PredictWithGradient(const Eigen::RowVectorXd& x) const override;

 private:
  GaussianProcess(const std::vector<FeatureColumn>& columns, const GpParameters& parameters)
      : parameters_(parameters), kernel_(columns, parameters), noise_(std::exp(parameters.log_noise)) {}

  GpParameters parameters_;
  GpKernel kernel_;
  double noise_;  // variance
  double jitter_ = 0;
  Eigen::MatrixXd u_;          // n x d, embedded
  Eigen::MatrixXd l_;          // n x n, lower Cholesky factor of the covariance with noise
  Eigen::VectorXd z_, alpha_;  // n; alpha solves covariance alpha = z
};

}  // namespace qalam::algorithms
