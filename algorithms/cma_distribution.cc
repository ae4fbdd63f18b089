#include "algorithms/cma_distribution.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

namespace qalam::algorithms {
namespace {

// The eigenvalues of C stay within this ratio, so that rounding cannot make it indefinite.
constexpr double kMaxCondition = 1e14;

}  // namespace

int CmaDistribution::DefaultPopulation(int n) {
  return 4 + (n > 1 ? static_cast<int>(std::floor(3 * std::log(static_cast<double>(n)))) : 0);
}

CmaDistribution::CmaDistribution(Eigen::VectorXd mean, double sigma, int population)
    : population_(population),
      sigma_(sigma),
      mean_(std::move(mean)),
      path_c_(Eigen::VectorXd::Zero(mean_.size())),
      path_sigma_(path_c_),
      axis_lengths_(Eigen::VectorXd::Ones(mean_.size())),
      weights_(population),
      parents_(population / 2) {
  const double n = static_cast<double>(mean_.size()), lambda = population;
  for (int i = 0; i < population; ++i) weights_[i] = std::log((lambda + 1) / 2) - std::log(i + 1.0);
  const auto positive = weights_.head(parents_), negative = weights_.tail(population - parents_);
  mu_eff_ = std::pow(positive.sum(), 2) / positive.squaredNorm();
  const double mu_eff_negative =
      negative.squaredNorm() > 0 ? std::pow(negative.sum(), 2) / negative.squaredNorm() : 0;

  c_c_ = (4 + mu_eff_ / n) / (n + 4 + 2 * mu_eff_ / n);
  c_sigma_ = (mu_eff_ + 2) / (n + mu_eff_ + 5);
  d_sigma_ = 1 + 2 * std::max(0.0, std::sqrt((mu_eff_ - 1) / (n + 1)) - 1) + c_sigma_;
  c_1_ = 2 / (std::pow(n + 1.3, 2) + mu_eff_);
  c_mu_ = 2 * (0.25 + mu_eff_ + 1 / mu_eff_ - 2) / (std::pow(n + 2, 2) + mu_eff_);
  if (is_separable()) {  // [3]: fewer numbers are learned faster
    c_1_ *= (n + 2) / 3;
    c_mu_ *= (n + 2) / 3;
  }
  c_mu_ = std::min(1 - c_1_, c_mu_);
  expected_length_ = std::sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n));

  const double negative_sum =
      std::min({1 + c_1_ / c_mu_, 1 + 2 * mu_eff_negative / (mu_eff_ + 2), (1 - c_1_ - c_mu_) / (n * c_mu_)});
  const double positive_total = positive.sum(), negative_total = -negative.cwiseMin(0).sum();
  for (double& weight : weights_) {
    weight *= weight >= 0 ? 1 / positive_total : std::max(negative_sum, 0.0) / negative_total;
  }
  if (is_separable()) {
    covariance_ = Eigen::VectorXd::Ones(mean_.size());
  } else {
    covariance_ = axes_ = Eigen::MatrixXd::Identity(mean_.size(), mean_.size());
  }
}

Eigen::MatrixXd CmaDistribution::FromAxes(const Eigen::MatrixXd& steps) const {
  return is_separable() ? steps : axes_ * steps;
}

Eigen::MatrixXd CmaDistribution::ToAxes(const Eigen::MatrixXd& steps) const {
  return is_separable() ? steps : axes_.transpose() * steps;
}

Eigen::VectorXd CmaDistribution::PointAt(const Eigen::VectorXd& z) const {
  return mean_ + sigma_ * FromAxes(axis_lengths_.cwiseProduct(z));
}

Eigen::VectorXd CmaDistribution::standard_deviations() const {
  const Eigen::VectorXd variances = is_separable() ? Eigen::VectorXd(covariance_) : covariance_.diagonal();
  return sigma_ * variances.cwiseMax(0).cwiseSqrt();
}

void CmaDistribution::Update(const Eigen::MatrixXd& points) {
  const double n = static_cast<double>(mean_.size());
  Eigen::MatrixXd steps = (points.colwise() - mean_) / sigma_;  // y
  // C^(-1/2) y, up to a rotation.
  const Eigen::MatrixXd whitened = axis_lengths_.cwiseInverse().asDiagonal() * ToAxes(steps);
  Eigen::VectorXd lengths = whitened.colwise().norm();
  const double longest = std::sqrt(n) + 2 * n / (n + 2);
  for (Eigen::Index i = 0; i < steps.cols(); ++i) {
    if (lengths[i] > longest) {
      steps.col(i) *= longest / lengths[i];
      lengths[i] = longest;
    }
  }

  const Eigen::VectorXd step = steps.leftCols(parents_) * weights_.head(parents_);  // y_w
  mean_ += sigma_ * step;
  ++generation_;

  const Eigen::VectorXd whitened_step = FromAxes(ToAxes(step).cwiseQuotient(axis_lengths_));
  path_sigma_ = (1 - c_sigma_) * path_sigma_ + std::sqrt(c_sigma_ * (2 - c_sigma_) * mu_eff_) * whitened_step;
  const double path_length = path_sigma_.norm() / expected_length_;
  const double start_up = std::sqrt(1 - std::pow(1 - c_sigma_, 2.0 * generation_));
  const bool steady = path_length / start_up < 1.4 + 2 / (n + 1);
  path_c_ *= 1 - c_c_;
  if (steady) path_c_ += std::sqrt(c_c_ * (2 - c_c_) * mu_eff_) * step;

  Eigen::VectorXd weights = weights_;
  for (Eigen::Index i = 0; i < weights.size(); ++i) {
    if (weights[i] < 0) weights[i] *= n / std::max(lengths[i] * lengths[i], 1e-12);
  }
  const double stalled = steady ? 0 : c_c_ * (2 - c_c_);
  covariance_ *= 1 + c_1_ * stalled - c_1_ - c_mu_ * weights_.sum();
  if (is_separable()) {
    covariance_ += c_1_ * path_c_.cwiseAbs2() + c_mu_ * steps.cwiseAbs2() * weights;
  } else {
    covariance_ += c_1_ * path_c_ * path_c_.transpose();
    covariance_ += c_mu_ * steps * weights.asDiagonal() * steps.transpose();
  }
  sigma_ *= std::exp(std::min(1.0, c_sigma_ / d_sigma_ * (path_length - 1)));

  // C changes slowly in many dimensions; its eigenvectors need not follow every generation.
  if (is_separable() || generation_ - decomposed_at_ >= 1 / ((c_1_ + c_mu_) * n * 10)) Decompose();
}

void CmaDistribution::Decompose() {
  if (is_separable()) {
    covariance_ = covariance_.cwiseMax(covariance_.maxCoeff() / kMaxCondition);
    axis_lengths_ = covariance_.cwiseSqrt();
    return;
  }
  covariance_ = (covariance_ + covariance_.transpose()).eval() / 2;
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(covariance_);
  decomposed_at_ = generation_;
  Eigen::VectorXd values = solver.eigenvalues();
  const double least = values.maxCoeff() / kMaxCondition;
  if (!(values.minCoeff() > least)) {
    values = values.cwiseMax(least);
    covariance_ = solver.eigenvectors() * values.asDiagonal() * solver.eigenvectors().transpose();
  }
  axes_ = solver.eigenvectors();
  axis_lengths_ = values.cwiseSqrt();
}

}  // namespace qalam::algorithms
