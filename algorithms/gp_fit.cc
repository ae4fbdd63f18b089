#include "algorithms/gp_fit.h"

#include <Eigen/Cholesky>
#include <cmath>
#include <limits>

#include "algorithms/lbfgs.h"
#include "algorithms/matern52.h"

namespace qalam::algorithms {
namespace {

struct Normal {
  double mean, sd;
};

constexpr Normal kSignalPrior = {0, 1}, kAdditivePrior = {0, 1.5}, kNoisePrior = {-9, 4},
                 kCompressionPrior = {-1, 2};
constexpr double kRelevanceScale = 0.2;
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
  fit.kernel.log_relevance.setZero(GpRelevance(columns).size());
  return fit;
}

GpLogPosterior::GpLogPosterior(const std::vector<FeatureColumn>& columns, const Eigen::MatrixXd& x,
                               const Eigen::VectorXd& values, const ValueScale& scale)
    : columns_(columns),
      informative_(InformativeColumns(columns)),
      relevance_(columns),
      codes_(relevance_.Codes(x)),
      values_(values),
      scale_(scale) {
  const Eigen::Index n = x.rows(), pairs = n * (n - 1) / 2;
  const auto d = static_cast<Eigen::Index>(informative_.size());
  centred_.resize(n, d);
  scaled_.resize(pairs, d);
  matern_.resize(pairs, d);
  slope_.resize(pairs, d);
  total_.resize(pairs);
  total_matern_.resize(pairs);
  total_slope_.resize(pairs);
  weight_.resize(pairs);
  for (Eigen::Index c = 0; c < d; ++c) {
    centred_.col(c) = x.col(informative_[c]).array() - (IsCategorical(c) ? 0 : 0.5);
  }
}

Eigen::VectorXd GpLogPosterior::Pack(const GpFit& fit) const {
  const auto d = static_cast<Eigen::Index>(informative_.size());
  Eigen::VectorXd theta(d + 4 + relevance_.size());
  for (Eigen::Index c = 0; c < d; ++c) theta[c] = fit.kernel.log_length[informative_[c]];
  theta.segment(d, 4) << fit.kernel.log_signal, fit.kernel.logit_additive, fit.kernel.log_noise, fit.log_k;
  theta.tail(relevance_.size()) = fit.kernel.log_relevance;
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
  fit.kernel.log_relevance = theta.tail(relevance_.size());
  return fit;
}

Eigen::VectorXd GpLogPosterior::lower() const {
  const auto d = static_cast<Eigen::Index>(informative_.size());
  Eigen::VectorXd bound(d + 4 + relevance_.size());
  bound.head(d).setConstant(std::log(0.01));
  bound.segment(d, 4) << -5, -6, -16, -7;
  bound.tail(relevance_.size()).setConstant(-5);
  return bound;
}

Eigen::VectorXd GpLogPosterior::upper() const {
  const auto d = static_cast<Eigen::Index>(informative_.size());
  Eigen::VectorXd bound(d + 4 + relevance_.size());
  bound.head(d).setConstant(std::log(1e4));
  bound.segment(d, 4) << 6, 6, 1, kMaxLogK;
  bound.tail(relevance_.size()).setConstant(2);
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
  for (Eigen::Index i = d + 4; i < theta.size(); ++i) {
    const double z = theta[i] / kRelevanceScale;
    sum += std::log1p(z * z);
    gradient[i] += 2 * z / (kRelevanceScale * (1 + z * z));
  }
  return sum;
}

void GpLogPosterior::AddRelevanceGradient(Eigen::Index c, const Eigen::Ref<const Eigen::ArrayXd>& u,
                                          const Eigen::ArrayXd& pull, Eigen::VectorXd& gradient) const {
  const Eigen::Index first = relevance_.FirstFactor(static_cast<size_t>(c)), n = u.size();
  if (first < 0) return;
  Eigen::ArrayXd by_log_u = Eigen::ArrayXd::Zero(n);
  for (Eigen::Index j = 0, at = 0; j < n; at += n - j - 1, ++j) {
    const auto of_pair = pull.segment(at, n - j - 1);
    by_log_u.tail(n - j - 1) -= of_pair;
    by_log_u[j] += of_pair.sum();
  }
  by_log_u *= u;
  const Eigen::Index offset = static_cast<Eigen::Index>(informative_.size()) + 4 + first;
  for (Eigen::Index k = 0; k < codes_.cols(); ++k) {
    for (Eigen::Index i = 0; i < n; ++i) gradient[offset + codes_(i, k)] += by_log_u[i];
  }
}

double GpLogPosterior::operator()(const Eigen::VectorXd& theta, Eigen::VectorXd& gradient) {
  const auto d = static_cast<Eigen::Index>(informative_.size());
  const Eigen::Index n = values_.size();
  const double signal = std::exp(theta[d]), noise = std::exp(theta[d + 2]);
  const double additive = d == 0 ? 0 : 1 / (1 + std::exp(-theta[d + 1]));
  const double share = d == 0 ? 0 : additive / static_cast<double>(d);
  const TransformedValues transformed = TransformValues(values_, scale_, theta[d + 3]);

  const Eigen::VectorXd log_relevance = theta.tail(relevance_.size());
  Eigen::ArrayXXd u(n, d);
  total_.setZero();
  for (Eigen::Index c = 0; c < d; ++c) {
    const double inverse_length = std::exp(-theta[c]);
    const bool categorical = IsCategorical(c);
    u.col(c) = centred_.col(c);
    if (!categorical)
      u.col(c) *= inverse_length * relevance_.Factors(codes_, static_cast<size_t>(c), log_relevance);
    for (Eigen::Index j = 0, at = 0; j < n; at += n - j - 1, ++j) {
      const Eigen::Index below = n - j - 1;
      const auto difference = u.col(c).tail(below) - u(j, c);
      if (categorical) {
        scaled_.col(c).segment(at, below) = (difference != 0).cast<double>() * inverse_length;
      } else {
        scaled_.col(c).segment(at, below) = difference;
      }
    }
    total_ += scaled_.col(c).square();
    Matern52(scaled_.col(c).abs(), matern_.col(c), slope_.col(c));
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

  gradient.setZero(theta.size());
  for (Eigen::Index c = 0; c < d; ++c) {
    const Eigen::ArrayXd pull =
        signal * weight_ * ((1 - additive) * total_slope_ + share * slope_.col(c)) * scaled_.col(c);
    gradient[c] = (pull * scaled_.col(c)).sum();
    AddRelevanceGradient(c, u.col(c), pull, gradient);
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
                            const std::optional<GpFit>& guess, const std::function<bool()>& stop_requested,
                            double max_log_k) {
  GpFit mode = PriorMode(columns);
  mode.log_k = std::min(mode.log_k, max_log_k);
  if (values.minCoeff() == values.maxCoeff()) return mode;
  GpLogPosterior posterior(columns, x, values, scale);
  Eigen::VectorXd upper = posterior.upper();
  const auto compression = static_cast<Eigen::Index>(InformativeColumns(columns).size()) + 3;
  upper[compression] = std::min(upper[compression], max_log_k);
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
    Minimum found = MinimizeLbfgs(objective, posterior.Pack(start), posterior.lower(), upper,
                                  {.max_evaluations = many ? 40 : 60, .relative_tolerance = 1e-6});
    if (stopped) return absl::CancelledError("the caller does not want the answer any more");
    if (found.value < best.value) best = std::move(found);
  }
  return best.value < kInfinity ? posterior.Unpack(best.x) : mode;
}

}  // namespace qalam::algorithms
