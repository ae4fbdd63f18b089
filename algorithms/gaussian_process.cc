#include "algorithms/gaussian_process.h"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

namespace qalam::algorithms {
namespace {

constexpr double kFirstJitter = 1e-10, kLastJitter = 1e-2;  // shares of the diagonal

}  // namespace

absl::StatusOr<GaussianProcess> GaussianProcess::Make(const std::vector<FeatureColumn>& columns,
                                                      const GpParameters& parameters,
                                                      const Eigen::MatrixXd& x) {
  GaussianProcess gp(columns, parameters);
  gp.u_ = gp.kernel_.Embed(x);
  Eigen::MatrixXd k = gp.kernel_(gp.u_, gp.u_);
  k.diagonal().array() += gp.noise_;
  for (double share = 0; share <= kLastJitter; share = std::max(kFirstJitter, 10 * share)) {
    gp.jitter_ = share * gp.kernel_.diagonal();
    Eigen::LLT<Eigen::MatrixXd> factor(k + gp.jitter_ * Eigen::MatrixXd::Identity(k.rows(), k.cols()));
    // Eigen's factorisation calls a matrix with NaN a success.
    if (factor.info() == Eigen::Success && factor.matrixLLT().diagonal().allFinite()) {
      gp.l_ = factor.matrixL();
      return gp;
    }
  }
  return absl::InternalError(
      fmt::format("Gaussian process: the covariance of {} points is not positive definite", x.rows()));
}

GaussianProcess::Packed GaussianProcess::Pack() const {
  const Eigen::Index n = size();
  Packed packed{jitter_, u_, Eigen::VectorXd(n * (n + 1) / 2)};
  for (Eigen::Index j = 0, at = 0; j < n; at += n - j, ++j) {
    packed.factor.segment(at, n - j) = l_.col(j).tail(n - j);
  }
  return packed;
}

GaussianProcess GaussianProcess::Unpack(const std::vector<FeatureColumn>& columns,
                                        const GpParameters& parameters, const Packed& packed) {
  GaussianProcess process(columns, parameters);
  const Eigen::Index n = packed.u.rows();
  process.jitter_ = packed.jitter;
  process.u_ = packed.u;
  process.l_ = Eigen::MatrixXd::Zero(n, n);
  for (Eigen::Index j = 0, at = 0; j < n; at += n - j, ++j) {
    process.l_.col(j).tail(n - j) = packed.factor.segment(at, n - j);
  }
  return process;
}

void GaussianProcess::AddPoint(const Eigen::RowVectorXd& x) {
  const Eigen::Index n = size();
  const Eigen::MatrixXd u = kernel_.Embed(x);
  const Eigen::VectorXd v = l_.triangularView<Eigen::Lower>().solve(kernel_(u_, u).col(0));
  // Rounding may leave less than the noise, which is below what is known for certain.
  const double least = std::max(noise_, kFirstJitter * kernel_.diagonal());
  const double rest = std::max(kernel_.diagonal() + noise_ + jitter_ - v.squaredNorm(), least);
  l_.conservativeResize(n + 1, n + 1);
  l_.row(n).head(n) = v.transpose();
  l_.col(n).head(n).setZero();
  l_(n, n) = std::sqrt(rest);
  u_.conservativeResize(n + 1, Eigen::NoChange);
  u_.row(n) = u;
}

void GaussianProcess::SetValues(const Eigen::VectorXd& z) {
  z_ = z;
  alpha_ = l_.triangularView<Eigen::Lower>().solve(z);
  l_.triangularView<Eigen::Lower>().adjoint().solveInPlace(alpha_);
}

void GaussianProcess::AddBelief(const Eigen::RowVectorXd& x) {
  const double mean = kernel_(u_, kernel_.Embed(x)).col(0).dot(alpha_);
  AddPoint(x);
  Eigen::VectorXd z(size());
  z << z_, mean;
  SetValues(z);
}

double GaussianProcess::BestMean() const { return PointMeans().minCoeff(); }

Eigen::VectorXd GaussianProcess::PointMeans() const { return z_ - (noise_ + jitter_) * alpha_; }

Posterior GaussianProcess::Predict(const Eigen::MatrixXd& x) const {
  Eigen::MatrixXd k = kernel_(u_, kernel_.Embed(x));
  Posterior result;
  result.mean = k.transpose() * alpha_;
  l_.triangularView<Eigen::Lower>().solveInPlace(k);
  result.variance = (kernel_.diagonal() - k.colwise().squaredNorm().array()).max(0).transpose();
  return result;
}

Eigen::MatrixXd GaussianProcess::Covariance(const Eigen::MatrixXd& x) const {
  const Eigen::MatrixXd u = kernel_.Embed(x);
  const Eigen::MatrixXd v = l_.triangularView<Eigen::Lower>().solve(kernel_(u_, u));
  return kernel_(u, u) - v.transpose() * v;
}

Posterior GaussianProcess::PredictOptimistic(const Eigen::MatrixXd& x) const {
  const Eigen::MatrixXd k = kernel_(u_, kernel_.Embed(x));
  Posterior result;
  result.mean = k.transpose() * alpha_;
  const double own = kernel_.diagonal() + noise_ + jitter_;
  result.variance = (kernel_.diagonal() - k.colwise().maxCoeff().array().square() / own).max(0).transpose();
  return result;
}

Surrogate::PointPosterior GaussianProcess::PredictWithGradient(const Eigen::RowVectorXd& x) const {
  Eigen::MatrixXd by_column;
  const Eigen::VectorXd k = kernel_.WithGradient(u_, x, by_column);
  Eigen::VectorXd v = l_.triangularView<Eigen::Lower>().solve(k);
  PointPosterior result;
  result.mean = k.dot(alpha_);
  result.variance = std::max(kernel_.diagonal() - v.squaredNorm(), 0.0);
  l_.triangularView<Eigen::Lower>().adjoint().solveInPlace(v);
  result.mean_gradient = alpha_.transpose() * by_column;
  result.variance_gradient = -2 * v.transpose() * by_column;
  return result;
}

}  // namespace qalam::algorithms
