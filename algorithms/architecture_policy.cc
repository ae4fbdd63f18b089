#include "algorithms/architecture_policy.h"

#include <cmath>

namespace qalam::algorithms {
namespace {

using Eigen::ArrayXXd;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kWeightRange = 0.1;

double Logistic(double odds) { return 1 / (1 + std::exp(-odds)); }

// log(1 + e^x) without overflow.
double LogOnePlusExp(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }

// Columns of logits to columns of log probabilities.
MatrixXd Normalised(const MatrixXd& logits) {
  const Eigen::RowVectorXd most = logits.colwise().maxCoeff();
  MatrixXd shifted = logits.rowwise() - most;
  const Eigen::RowVectorXd log_sums = shifted.array().exp().colwise().sum().log();
  shifted.rowwise() -= log_sums;
  return shifted;
}

int DrawChoice(const Eigen::Ref<const VectorXd>& log_probabilities, Rng& rng) {
  double left = rng.Uniform();
  int choice = 0;
  for (; choice + 1 < log_probabilities.size(); ++choice) {
    left -= std::exp(log_probabilities[choice]);
    if (left < 0) break;
  }
  return choice;
}

}  // namespace

VectorXd InitialWeights(const PolicyShape& shape, std::uint64_t seed) {
  Rng rng({seed});
  VectorXd weights(shape.weights());
  for (double& weight : weights) weight = kWeightRange * (2 * rng.Uniform() - 1);
  return weights;
}

Architecture Draw(const PolicyShape& shape, const VectorXd& weights, double sharpness, Rng& rng) {
  PolicyPass pass(shape, weights, 1);
  Architecture drawn(shape.layers);
  for (int l = 0; l < shape.layers; ++l) {
    drawn[l].operation = DrawChoice(Normalised(sharpness * pass.OperationLogits()).col(0), rng);
    pass.TakeOperations({drawn[l].operation});
    if (l == 0) continue;
    const VectorXd odds = sharpness * pass.SkipLogits();
    MatrixXd skips(l, 1);
    for (int i = 0; i < l; ++i) {
      drawn[l].skips.push_back(rng.Uniform() < Logistic(odds[i]));
      skips(i, 0) = drawn[l].skips[i];
    }
    pass.TakeSkips(std::move(skips));
  }
  return drawn;
}

PolicyEvaluation::PolicyEvaluation(const PolicyShape& shape, const VectorXd& weights,
                                   std::span<const Architecture* const> architectures)
    : shape_(shape), pass_(shape, weights, static_cast<int>(architectures.size())) {
  const Index sequences = static_cast<Index>(architectures.size());
  log_probabilities_ = VectorXd::Zero(sequences);
  std::vector<int> chosen(sequences);
  for (int l = 0; l < shape.layers; ++l) {
    const MatrixXd& logs = operations_.emplace_back(Normalised(pass_.OperationLogits()));
    MatrixXd& taken = taken_.emplace_back(MatrixXd::Zero(shape.choices, sequences));
    for (Index k = 0; k < sequences; ++k) {
      chosen[k] = (*architectures[k])[l].operation;
      taken(chosen[k], k) = 1;
      log_probabilities_[k] += logs(chosen[k], k);
    }
    pass_.TakeOperations(chosen);
    if (l == 0) continue;
    const MatrixXd& odds = odds_.emplace_back(pass_.SkipLogits());
    MatrixXd& skips = skipped_.emplace_back(l, sequences);
    for (Index k = 0; k < sequences; ++k) {
      for (int i = 0; i < l; ++i) {
        const bool skip = (*architectures[k])[l].skips[i];
        skips(i, k) = skip;
        log_probabilities_[k] -= LogOnePlusExp(skip ? -odds(i, k) : odds(i, k));
      }
    }
    pass_.TakeSkips(skips);
  }
}

double PolicyEvaluation::Loss(const PolicyLoss& loss, const VectorXd& advantages, VectorXd* gradient) const {
  const double share = 1.0 / static_cast<double>(log_probabilities_.size());
  const double entropy_share = loss.entropy_weight * share;
  const double skip_share = odds_.empty() ? 0 : loss.skip_weight * share / static_cast<double>(odds_.size());
  const double target_odds = std::log(loss.skip_target) - std::log1p(-loss.skip_target);
  double sum = -advantages.dot(log_probabilities_);
  std::vector<MatrixXd> by_operations, by_skips;
  for (size_t l = 0; l < operations_.size(); ++l) {
    const ArrayXXd logs = operations_[l].array(), probabilities = logs.exp();
    const Eigen::RowVectorXd entropies = -(probabilities * logs).colwise().sum();
    sum -= entropy_share * entropies.sum();
    MatrixXd& by = by_operations.emplace_back(operations_[l].array().exp());
    by -= taken_[l];
    by.array().rowwise() *= advantages.transpose().array();
    by.array() += entropy_share * probabilities * (logs.rowwise() + entropies.array());
  }
  for (size_t l = 0; l < odds_.size(); ++l) {
    MatrixXd& by = by_skips.emplace_back(odds_[l].rows(), odds_[l].cols());
    for (Index k = 0; k < by.cols(); ++k) {
      for (Index i = 0; i < by.rows(); ++i) {
        const double odds = odds_[l](i, k), p = Logistic(odds);
        // log p = odds + log(1 - p), so that entropy and divergence need one logarithm.
        const double log_no = -LogOnePlusExp(odds);
        sum += entropy_share * (p * odds + log_no);
        sum += skip_share * (p * (odds - target_odds) + log_no - std::log1p(-loss.skip_target));
        by(i, k) = advantages[k] * (p - skipped_[l](i, k)) +
                   p * (1 - p) * (entropy_share * odds + skip_share * (odds - target_odds));
      }
    }
  }
  if (gradient != nullptr) {
    gradient->setZero(shape_.weights());
    pass_.Backward(by_operations, by_skips, *gradient);
  }
  return sum;
}

}  // namespace qalam::algorithms
