#include "algorithms/gp_kernel.h"

#include <cmath>

#include "algorithms/matern52.h"

namespace qalam::algorithms {

GpKernel::GpKernel(const std::vector<FeatureColumn>& columns, const GpParameters& parameters)
    : relevance_(columns),
      log_relevance_(parameters.log_relevance),
      column_(InformativeColumns(columns)),
      signal_(std::exp(parameters.log_signal)),
      additive_(1 / (1 + std::exp(-parameters.logit_additive))) {
  for (const Eigen::Index j : column_) {
    categorical_.push_back(columns[j].kind == FeatureColumn::Kind::kCategorical);
    inverse_length_.push_back(std::exp(-parameters.log_length[j]));
  }
}

Eigen::MatrixXd GpKernel::Embed(const Eigen::MatrixXd& x, Eigen::MatrixXd& u_by_x) const {
  const auto d = static_cast<Eigen::Index>(column_.size());
  Eigen::MatrixXd u(x.rows(), d);
  u_by_x = Eigen::MatrixXd::Zero(x.rows(), d);
  const Eigen::ArrayXXi codes = relevance_.Codes(x);
  for (size_t j = 0; j < column_.size(); ++j) {
    const auto column = x.col(column_[j]).array();
    if (categorical_[j]) {
      u.col(j) = column;
    } else {
      const Eigen::ArrayXd factors = relevance_.Factors(codes, j, log_relevance_);
      u.col(j) = (column - 0.5) * inverse_length_[j] * factors;
      u_by_x.col(j) = inverse_length_[j] * factors;
    }
  }
  return u;
}

Eigen::MatrixXd GpKernel::Embed(const Eigen::MatrixXd& x) const {
  Eigen::MatrixXd unused;
  return Embed(x, unused);
}

void GpKernel::Distance(size_t j, const Eigen::MatrixXd& u1, double u, Eigen::ArrayXd& r) const {
  const auto column = u1.col(static_cast<Eigen::Index>(j)).array();
  if (categorical_[j]) {
    r = (column != u).cast<double>() * inverse_length_[j];
  } else {
    r = (column - u).abs();
  }
}

Eigen::MatrixXd GpKernel::operator()(const Eigen::MatrixXd& u1, const Eigen::MatrixXd& u2) const {
  const Eigen::Index n = u1.rows();
  Eigen::MatrixXd result(n, u2.rows());
  Eigen::ArrayXd r(n), total(n), value(n), slope(n), effects(n);
  for (Eigen::Index i = 0; i < u2.rows(); ++i) {
    total.setZero();
    effects.setZero();
    for (size_t j = 0; j < column_.size(); ++j) {
      Distance(j, u1, u2(i, static_cast<Eigen::Index>(j)), r);
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

Eigen::VectorXd GpKernel::WithGradient(const Eigen::MatrixXd& u1, const Eigen::RowVectorXd& x,
                                       Eigen::MatrixXd& gradient) const {
  const Eigen::Index n = u1.rows();
  gradient = Eigen::MatrixXd::Zero(n, x.size());
  Eigen::ArrayXd r(n), value(n), slope(n);
  Eigen::ArrayXd total = Eigen::ArrayXd::Zero(n), effects = Eigen::ArrayXd::Zero(n);
  Eigen::MatrixXd u_by_x;
  const Eigen::RowVectorXd u = Embed(x, u_by_x);
  const double share = column_.empty() ? 0 : signal_ * additive_ / static_cast<double>(column_.size());
  for (size_t j = 0; j < column_.size(); ++j) {
    Distance(j, u1, u[static_cast<Eigen::Index>(j)], r);
    total += r.square();
    Matern52(r, value, slope);
    effects += value;
    if (!categorical_[j]) gradient.col(column_[j]) = share * slope;
  }
  Matern52(total.sqrt(), value, slope);
  slope *= signal_ * (1 - additive_);
  for (size_t c = 0; c < column_.size(); ++c) {
    if (categorical_[c]) continue;
    const auto j = static_cast<Eigen::Index>(c);
    auto by = gradient.col(column_[c]).array();
    by = (by + slope) * (u1.col(j).array() - u[j]) * u_by_x(0, j);
  }
  return signal_ * (1 - additive_) * value + share * effects + kMeanVariance;
}

}  // namespace qalam::algorithms
