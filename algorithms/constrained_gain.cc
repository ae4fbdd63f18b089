#include "algorithms/constrained_gain.h"

#include <algorithm>

namespace qalam::algorithms {
namespace {

constexpr auto kProbability = AcquisitionKind::kLogProbabilityOfImprovement;

void AddProbability(const Posterior& posterior, double at_most, Eigen::VectorXd& values) {
  for (Eigen::Index i = 0; i < values.size(); ++i)
    values[i] += Evaluate(kProbability, posterior.mean[i], posterior.variance[i], at_most).value;
}

}  // namespace

Eigen::VectorXd ConstrainedGain::Values(const Eigen::MatrixXd& rows) const {
  Eigen::VectorXd values = gain_ != nullptr ? gain_->Values(rows) : Eigen::VectorXd::Zero(rows.rows());
  for (const auto& [model, at_most] : bounds_) AddProbability(model->Predict(rows), at_most, values);
  return values;
}

Eigen::VectorXd ConstrainedGain::OptimisticValues(const Eigen::MatrixXd& rows) const {
  Eigen::VectorXd values =
      gain_ != nullptr ? gain_->OptimisticValues(rows) : Eigen::VectorXd::Zero(rows.rows());
  for (const auto& [model, at_most] : bounds_)
    AddProbability(model->PredictOptimistic(rows), at_most, values);
  return values;
}

bool ConstrainedGain::has_gradient() const {
  return (gain_ == nullptr || gain_->has_gradient()) &&
         std::all_of(bounds_.begin(), bounds_.end(),
                     [](const auto& bound) { return bound.model->has_gradient(); });
}

double ConstrainedGain::ValueWithGradient(const Eigen::RowVectorXd& row, Eigen::RowVectorXd& gradient) const {
  gradient.setZero(row.size());
  double value = gain_ != nullptr ? gain_->ValueWithGradient(row, gradient) : 0;
  for (const auto& [model, at_most] : bounds_) {
    const Surrogate::PointPosterior p = model->PredictWithGradient(row);
    const Acquisition a = Evaluate(kProbability, p.mean, p.variance, at_most);
    value += a.value;
    gradient += a.by_mean * p.mean_gradient + a.by_variance * p.variance_gradient;
  }
  return value;
}

}  // namespace qalam::algorithms
