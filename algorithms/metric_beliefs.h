// Models of the metrics that constraints are about.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "algorithms/belief_model.h"
#include "algorithms/constrained_gain.h"
#include "algorithms/metric_constraints.h"
#include "algorithms/observations.h"

namespace qalam::algorithms {

/// A Gaussian process of each constrained metric (of its relative excess, which is to be at most 0), learned
/// from the trials that reported it. A metric that no trial has reported yet has no model, and asks nothing.
class MetricBeliefs {
 public:
  /// CANCELLED after stop_requested. Costs as BelieveGaussianProcess for each constraint.
  static absl::StatusOr<MetricBeliefs> Fit(const FeatureEncoding& encoding,
                                           std::span<const MetricConstraint> constraints,
                                           const std::vector<Observation>& finished,
                                           const std::function<bool()>& stop_requested);

  /// `rows` is q x d: points under way, whose metrics are taken for what the models expect.
  absl::Status Believe(const Eigen::MatrixXd& rows);

  /// Stand until the next belief.
  std::vector<ModelledBound> bounds() const;

 private:
  std::vector<std::unique_ptr<BeliefModel>> models_;
};

}  // namespace qalam::algorithms
