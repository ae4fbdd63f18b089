// Kernel parameters and output transform that explain the observations best.
#pragma once

#include <Eigen/Core>
#include <functional>
#include <limits>
#include <optional>
#include <vector>

#include "algorithms/gp_kernel.h"
#include "algorithms/output_transform.h"
#include "base/status.h"

namespace qalam::algorithms {

struct GpFit {
  GpParameters kernel;
  double log_k = 0;  // compression of TransformValues
};

/// The parameters of the largest prior density: what is believed before anything is known.
GpFit PriorMode(const std::vector<FeatureColumn>& columns);

/// Minus the log posterior density of the parameters, up to a constant: evidence of the transformed values, the
/// Jacobian of the transform, and the priors
///
///   l_j        log-normal, mu = sqrt2 + log(d) / 2, sigma = sqrt3 [1]: distances grow with the root of d
///   s          log-normal(0, 1)
///   noise      log-normal(-9, 4): most objectives repeat themselves, yet a noisy one is recognised
///   a          log a / (1 - a) normal(0, 1.5)
///   k          log-normal(-1, 2)
///   log w      Cauchy(0, 0.2): most numbers matter under all categories alike, some not at all under some
///
/// [1] Hvarfner, Hellsten, Nardi, Vanilla Bayesian Optimization Performs Great in High Dimensions, ICML 2024.
class GpLogPosterior {
 public:
  /// `x` n x all columns, `values` n, finite, lower is better.
  GpLogPosterior(const std::vector<FeatureColumn>& columns, const Eigen::MatrixXd& x,
                 const Eigen::VectorXd& values, const ValueScale& scale);

  /// d + 4 + GpRelevance::size() numbers: log l of the informative columns, log s, logit a, log noise, log k, log w.
  Eigen::VectorXd Pack(const GpFit& fit) const;
  GpFit Unpack(const Eigen::VectorXd& theta) const;
  Eigen::VectorXd lower() const;
  Eigen::VectorXd upper() const;

  /// +infinity where the covariance is not positive definite. O(n^3 + n^2 d); `gradient` is resized.
  double operator()(const Eigen::VectorXd& theta, Eigen::VectorXd& gradient);

 private:
  bool IsCategorical(Eigen::Index c) const {
    return columns_[informative_[c]].kind == FeatureColumn::Kind::kCategorical;
  }
  // `u` n embedded numbers of informative column c; `pull` minus the derivative by u_i - u_j of each pair i > j.
  void AddRelevanceGradient(Eigen::Index c, const Eigen::Ref<const Eigen::ArrayXd>& u,
                            const Eigen::ArrayXd& pull, Eigen::VectorXd& gradient) const;
  double AddPriors(const Eigen::VectorXd& theta, Eigen::VectorXd& gradient) const;

  std::vector<FeatureColumn> columns_;
  std::vector<Eigen::Index> informative_;  // d
  GpRelevance relevance_;
  Eigen::ArrayXXi codes_;
  Eigen::VectorXd values_;
  ValueScale scale_;
  Eigen::ArrayXXd centred_;  // n x d: x - 1/2; categories as they are
  // Scratch. Pairs i > j, n (n - 1) / 2 of them, column by column; scaled_ is u_i - u_j, for categories r.
  Eigen::ArrayXXd scaled_, matern_, slope_;
  Eigen::ArrayXd total_, total_matern_, total_slope_, weight_;
};

/// The best of L-BFGS searches from the prior's mode, from `guess`, and, without a guess or up to 48 observations, from long
/// length scales and from much noise. Falls back on the prior's mode when the values are all equal or no search finds a
/// finite density. The compression log k stays below `max_log_k`. CANCELLED after stop_requested. O(200 n^3).
absl::StatusOr<GpFit> FitGp(const std::vector<FeatureColumn>& columns, const Eigen::MatrixXd& x,
                            const Eigen::VectorXd& values, const ValueScale& scale,
                            const std::optional<GpFit>& guess, const std::function<bool()>& stop_requested,
                            double max_log_k = std::numeric_limits<double>::infinity());

}  // namespace qalam::algorithms
