// Which trials keep an experiment's constraints on metrics.
#pragma once

#include <string>
#include <vector>

#include "algorithms/algorithm.h"
#include "api/experiment.h"

namespace qalam::controller {

/// The bounds on metrics of an experiment (the extension qalam.dev/constraints, as an annotation or a setting). A metric's
/// value is that of its strategy, as for the objective.
class MetricBounds {
 public:
  MetricBounds() = default;

  /// None where the experiment has none or they cannot be read: validation says so. Reads the whole experiment where there
  /// are constraints.
  explicit MetricBounds(const api::Experiment& experiment);

  bool empty() const { return bounds_.empty(); }

  /// 0 where all are kept, infinity where a value is missing, else by how much they are not, so that trials can be compared
  /// (algorithms/metric_constraints.h).
  double Violation(const api::Observation& observation) const;

  /// Those that are not kept: "latency is 25, at most 20 is allowed; size is missing". Empty where all are.
  std::string Broken(const api::Observation& observation) const;

 private:
  api::ObjectiveSpec objective_;
  std::vector<algorithms::MetricConstraint> bounds_;
};

}  // namespace qalam::controller
