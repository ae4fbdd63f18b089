#include "algorithms/gp_fit.h"

#include <Eigen/Cholesky>
#include <cmath>
#include <limits>

#include "algorithms/lbfgs.h"

namespace qalam::algorithms {
namespace {

struct Normal {
  double mean, sd;
};

constexpr Normal kSignalPrior = {0, 1}, kAdditivePrior = {0, 1.5}, kNoisePrior = {-9, 4},
                 kCompressionPrior = {-1, 2};
constexpr double kMaxLogK = 6.9;  // a thousandth of what is lost without optimising is as fine as values get
constexpr Eigen::Index kManyObservations = 48;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

Normal LengthPrior(size_t d) {
  return {std::sqrt(2.0) + 0.5 * std::log(static_cast<double>(std::max<size_t>(d, 1))), std::sqrt(3.0)};
}

// The density of a log-normal variable is largest at exp(mean - sd^2).
double LengthMode(size_t d) {
  const Normal prior = LengthPrior(d);
  return prior.mean - prior.sd * prior.sd;
}

}  // namespace

GpFit PriorMode(const std::vector<FeatureColumn>& columns) {
  GpFit fit;
  fit.kernel.log_length.setConstant(static_cast<Eigen::Index>(columns.size()),
                                    LengthMode(InformativeColumns(columns).size()));
  fit.kernel.log_signal = kSignalPrior.mean;
  fit.kernel.logit_additive = kAdditivePrior.mean;
  fit.kernel.log_noise = kNoisePrior.mean;
  fit.log_k = kCompressionPrior.mean;
  return fit;
}

GpLogPosterior::GpLogPosterior(const std::vector<FeatureColumn>& columns, const Eigen::MatrixXd& x,
                               const Eigen::VectorXd& values, const ValueScale& scale)
    : columns_(columns), informative_(InformativeColumns(columns)), values_(values), scale_(scale) {
  const Eigen::Index n = x.rows(), pairs = n * (n - 1) / 2;
  const auto d = static_cast<Eigen::Index>(informative_.size());
  distance_.resize(pairs, d);
  scaled_.resize(pairs, d);
  matern_.resize(pairs, d);
  slope_.resize(pairs, d);
  total_.resize(pairs);
  total_matern_.resize(pairs);
  total_slope_.resize(pairs);
  weight_.resize(pairs);
  for (Eigen::Index c = 0; c < d; ++c) {
    const bool categorical = columns[informative_[c]].kind == FeatureColumn::Kind::kCategorical;
    const auto column = x.col(informative_[c]).array();
    Eigen::Index at = 0;
    for (Eigen::Index j = 0; j < n; ++j) {
      const Eigen::Index below = n - j - 1;
      const auto difference = column.tail(below) - column[j];
      if (categorical) {
        distance_.col(c).segment(at, below) = (difference != 0).cast<double>();
      } else {
        distance_.col(c).segment(at, below) = difference.abs();
      }
      at += below;
    }
  }
}

Eigen::VectorXd GpLogPosterior::Pack(const GpFit& fit) const {
  const auto d = static_cast<Eigen::Index>(informative_.size());
  Eigen::VectorXd theta(d + 4);
  for (Eigen::Index c = 0; c < d; ++c) theta[c] = fit.kernel.log_length[informative_[c]];
  theta.tail(4) << fit.kernel.log_signal, fit.kernel.logit_additive, fit.kernel.log_noise, fit.log_k;
  return theta;
}

GpFit GpLogPosterior::Unpack(const Eigen::VectorXd& theta) const {
  const auto d = static_cast<Eigen::Index>(informative_.size());
  GpFit fit = PriorMode(columns_);
  for (Eigen::Index c = 0; c < d; ++c) fit.kernel.log_length[informative_[c]] = theta[c];
  fit.kernel.log_signal = theta[d];
  fit.kernel.logit_additive = theta[d + 1];
  fit.kernel.log_noise = theta[d + 2];
  fit.log_k = theta[d + 3];
  return fit;
}

Eigen::VectorXd GpLogPosterior::lower() const {
  Eigen::VectorXd bound =
      Eigen::VectorXd::Constant(static_cast<Eigen::Index>(informative_.size()) + 4, std::log(0.01));
  bound.tail(4) << -5, -6, -16, -7;
  return bound;
}

Eigen::VectorXd GpLogPosterior::upper() const {
  Eigen::VectorXd bound =
      Eigen::VectorXd::Constant(static_cast<Eigen::Index>(informative_.size()) + 4, std::log(1e4));
  bound.tail(4) << 6, 6, 1, kMaxLogK;
  return bound;
}

double GpLogPosterior::AddPriors(const Eigen::VectorXd& theta, Eigen::VectorXd& gradient) const {
  const auto d = static_cast<Eigen::Index>(informative_.size());
  double sum = 0;
  const auto add = [&](Eigen::Index i, const Normal& prior) {
    const double z = (theta[i] - prior.mean) / prior.sd;
    sum += 0.5 * z * z;
    gradient[i] += z / prior.sd;
  };
  for (Eigen::Index c = 0; c < d; ++c) {
    add(c, LengthPrior(informative_.size()));
    sum += theta[c];  // the density is that of l, not of log l
    gradient[c] += 1;
  }
  add(d, kSignalPrior);
  add(d + 1, kAdditivePrior);
  add(d + 2, kNoisePrior);
  add(d + 3, kCompressionPrior);
  return sum;
}

double GpLogPosterior::operator()(const Eigen::VectorXd& theta, Eigen::VectorXd& gradient) {
  const auto d = static_cast<Eigen::Index>(informative_.size());
  const Eigen::Index n = values_.size();
  const double signal = std::exp(theta[d]), noise = std::exp(theta[d + 2]);
  const double additive = d == 0 ? 0 : 1 / (1 + std::exp(-theta[d + 1]));
  const double share = d == 0 ? 0 : additive / static_cast<double>(d);
  const TransformedValues transformed = TransformValues(values_, scale_, theta[d + 3]);

  total_.setZero();
  for (Eigen::Index c = 0; c < d; ++c) {
    scaled_.col(c) = distance_.col(c) * std::exp(-theta[c]);
    total_ += scaled_.col(c).square();
    Matern52(scaled_.col(c), matern_.col(c), slope_.col(c));
  }
  Matern52(total_.sqrt(), total_matern_, total_slope_);
  const Eigen::ArrayXd effects = matern_.rowwise().sum();

  Eigen::MatrixXd k(n, n);
  for (Eigen::Index j = 0, at = 0; j < n; at += n - j - 1, ++j) {
    const Eigen::Index below = n - j - 1;
    k(j, j) = signal + kMeanVariance + noise;
    k.col(j).tail(below) =
        signal * ((1 - additive) * total_matern_.segment(at, below) + share * effects.segment(at, below)) +
        kMeanVariance;
  }
  Eigen::LLT<Eigen::MatrixXd> factor(k);
  if (factor.info() != Eigen::Success) return kInfinity;
  const Eigen::VectorXd alpha = factor.solve(transformed.z);
  Eigen::MatrixXd inverse = Eigen::MatrixXd::Identity(n, n);
  factor.matrixL().solveInPlace(inverse);
  const double log_determinant = factor.matrixLLT().diagonal().array().log().sum();

  // weight: K^-1 - alpha alpha', so that the derivative by p is half the sum of weight .* dK/dp.
  Eigen::MatrixXd& weight = k;
  weight.setZero();
  weight.selfadjointView<Eigen::Lower>().rankUpdate(inverse.transpose()).rankUpdate(alpha, -1);
  for (Eigen::Index j = 0, at = 0; j < n; at += n - j - 1, ++j) {
    weight_.segment(at, n - j - 1) = weight.col(j).tail(n - j - 1);
  }
  const double trace = weight.diagonal().sum();

  gradient.setZero(d + 4);
  for (Eigen::Index c = 0; c < d; ++c) {
    gradient[c] =
        signal *
        (weight_ * ((1 - additive) * total_slope_ + share * slope_.col(c)) * scaled_.col(c).square()).sum();
  }
  const double from_total = (weight_ * total_matern_).sum(), from_effects = (weight_ * effects).sum();
  gradient[d] = signal * ((1 - additive) * from_total + share * from_effects + trace / 2);
  if (d > 0) {
    gradient[d + 1] =
        signal * additive * (1 - additive) * (from_effects / static_cast<double>(d) - from_total);
  }
  gradient[d + 2] = noise * trace / 2;
  gradient[d + 3] = alpha.dot(transformed.z_by_log_k) - transformed.log_jacobian_by_log_k;
  return 0.5 * transformed.z.dot(alpha) + log_determinant - transformed.log_jacobian +
         AddPriors(theta, gradient);
}

absl::StatusOr<GpFit> FitGp(const std::vector<FeatureColumn>& columns, const Eigen::MatrixXd& x,
                            const Eigen::VectorXd& values, const ValueScale& scale,
                            const std::optional<GpFit>& guess, const std::function<bool()>& stop_requested) {
  const GpFit mode = PriorMode(columns);
  if (values.minCoeff() == values.maxCoeff()) return mode;
  GpLogPosterior posterior(columns, x, values, scale);
  bool stopped = false;
  const auto objective = [&](const Eigen::VectorXd& theta, Eigen::VectorXd& gradient) {
    stopped = stopped || (stop_requested && stop_requested());
    return stopped ? kInfinity : posterior(theta, gradient);
  };

  GpFit smooth = mode;
  smooth.kernel.log_length.array() += LengthPrior(InformativeColumns(columns).size()).sd;
  smooth.kernel.logit_additive = 1;
  GpFit noisy = mode;
  noisy.kernel.log_noise = std::log(0.2);
  std::vector<GpFit> starts = {mode};
  if (guess) starts.push_back(*guess);
  // Many observations leave little doubt of which hill is the highest, once some of them were fitted.
  const bool many = guess && values.size() > kManyObservations;
  if (!many) {
    starts.push_back(smooth);
    starts.push_back(noisy);
  }
  Minimum best{{}, kInfinity};
  for (const GpFit& start : starts) {
    Minimum found = MinimizeLbfgs(objective, posterior.Pack(start), posterior.lower(), posterior.upper(),
                                  {.max_evaluations = many ? 40 : 60, .relative_tolerance = 1e-6});
    if (stopped) return absl::CancelledError("the caller does not want the answer any more");
    if (found.value < best.value) best = std::move(found);
  }
  return best.value < kInfinity ? posterior.Unpack(best.x) : mode;
}

}  // namespace qalam::algorithms
