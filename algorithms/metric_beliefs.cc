#include "algorithms/metric_beliefs.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace qalam::algorithms {
namespace {

constexpr double kMaxExcess = 1e12;  // beyond, one value is as hopeless as another

}  // namespace

absl::StatusOr<MetricBeliefs> MetricBeliefs::Fit(const FeatureEncoding& encoding,
                                                 std::span<const MetricConstraint> constraints,
                                                 const std::vector<Observation>& finished,
                                                 const std::function<bool()>& stop_requested) {
  MetricBeliefs beliefs;
  for (size_t k = 0; k < constraints.size(); ++k) {
    std::vector<Point> points;
    std::vector<double> excesses;
    for (const Observation& o : finished) {
      if (std::isnan(o.constraint_values[k])) continue;
      points.push_back(o.point);
      excesses.push_back(
          std::clamp(RelativeExcess(constraints[k], o.constraint_values[k]), -kMaxExcess, kMaxExcess));
    }
    if (points.empty()) continue;
    const BeliefData data = {
        encoding.columns(), encoding.Encode(points),
        Eigen::Map<const Eigen::VectorXd>(excesses.data(), static_cast<Eigen::Index>(excesses.size()))};
    QALAM_ASSIGN_OR_RETURN(std::unique_ptr<BeliefModel> model, BelieveGaussianProcess(data, stop_requested));
    beliefs.models_.push_back(std::move(model));
  }
  return beliefs;
}

absl::Status MetricBeliefs::Believe(const Eigen::MatrixXd& rows) {
  for (const auto& model : models_) QALAM_RETURN_IF_ERROR(model->Believe(rows));
  return absl::OkStatus();
}

std::vector<ModelledBound> MetricBeliefs::bounds() const {
  std::vector<ModelledBound> bounds;
  for (const auto& model : models_) bounds.push_back({&model->surrogate(), model->zero()});
  return bounds;
}

}  // namespace qalam::algorithms
