#include "algorithms/gp_kernel.h"

#include <cmath>

namespace qalam::algorithms {
namespace {

const double kSqrt5 = std::sqrt(5.0);

}  // namespace

void Matern52(const Eigen::Ref<const Eigen::ArrayXd>& r, Eigen::Ref<Eigen::ArrayXd> value,
              Eigen::Ref<Eigen::ArrayXd> slope) {
  // With u = sqrt5 r: M = (1 + u + u^2 / 3) exp(-u) and -2 dM/d(r^2) = 5/3 (1 + u) exp(-u).
  value = (-kSqrt5 * r).exp();
  slope = (1 + kSqrt5 * r) * value;
  value = slope + (5.0 / 3) * r.square() * value;
  slope *= 5.0 / 3;
}

std::vector<Eigen::Index> InformativeColumns(const std::vector<FeatureColumn>& columns) {
  std::vector<Eigen::Index> informative;
  for (size_t j = 0; j < columns.size(); ++j) {
    if (columns[j].levels != 1) informative.push_back(static_cast<Eigen::Index>(j));
  }
  return informative;
}

GpKernel::GpKernel(const std::vector<FeatureColumn>& columns, const GpParameters& parameters)
    : column_(InformativeColumns(columns)),
      signal_(std::exp(parameters.log_signal)),
      additive_(1 / (1 + std::exp(-parameters.logit_additive))) {
  for (const Eigen::Index j : column_) {
    categorical_.push_back(columns[j].kind == FeatureColumn::Kind::kCategorical);
    inverse_length_.push_back(std::exp(-parameters.log_length[j]));
  }
}

void GpKernel::Distance(size_t j, const Eigen::MatrixXd& x1, double x, Eigen::ArrayXd& r) const {
  const auto column = x1.col(column_[j]).array();
  if (categorical_[j]) {
    r = (column != x).cast<double>() * inverse_length_[j];
  } else {
    r = (column - x).abs() * inverse_length_[j];
  }
}

Eigen::MatrixXd GpKernel::operator()(const Eigen::MatrixXd& x1, const Eigen::MatrixXd& x2) const {
  const Eigen::Index n = x1.rows();
  Eigen::MatrixXd result(n, x2.rows());
  Eigen::ArrayXd r(n), total(n), value(n), slope(n), effects(n);
  for (Eigen::Index i = 0; i < x2.rows(); ++i) {
    total.setZero();
    effects.setZero();
    for (size_t j = 0; j < column_.size(); ++j) {
      Distance(j, x1, x2(i, column_[j]), r);
      total += r.square();
      Matern52(r, value, slope);
      effects += value;
    }
    Matern52(total.sqrt(), value, slope);
    const double share = column_.empty() ? 0 : additive_ / static_cast<double>(column_.size());
    result.col(i) = signal_ * ((1 - additive_) * value + share * effects) + kMeanVariance;
  }
  return result;
}

Eigen::VectorXd GpKernel::WithGradient(const Eigen::MatrixXd& x1, const Eigen::RowVectorXd& x,
                                       Eigen::MatrixXd& gradient) const {
  const Eigen::Index n = x1.rows();
  gradient = Eigen::MatrixXd::Zero(n, x1.cols());
  Eigen::ArrayXd r(n), value(n), slope(n);
  Eigen::ArrayXd total = Eigen::ArrayXd::Zero(n), effects = Eigen::ArrayXd::Zero(n);
  const double share = column_.empty() ? 0 : signal_ * additive_ / static_cast<double>(column_.size());
  for (size_t j = 0; j < column_.size(); ++j) {
    Distance(j, x1, x[column_[j]], r);
    total += r.square();
    Matern52(r, value, slope);
    effects += value;
    if (!categorical_[j]) gradient.col(column_[j]) = share * slope;
  }
  Matern52(total.sqrt(), value, slope);
  slope *= signal_ * (1 - additive_);
  for (size_t j = 0; j < column_.size(); ++j) {
    if (categorical_[j]) continue;
    auto by = gradient.col(column_[j]).array();
    by = (by + slope) * (x1.col(column_[j]).array() - x[column_[j]]) *
         (inverse_length_[j] * inverse_length_[j]);
  }
  return signal_ * (1 - additive_) * value + share * effects + kMeanVariance;
}

}  // namespace qalam::algorithms
