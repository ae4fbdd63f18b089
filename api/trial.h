// kubeflow.org/v1beta1 Trial: one run of the workload with one set of parameters.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/experiment.h"

namespace qalam::api {

enum class Comparison { kEqual, kLess, kGreater };

struct EarlyStoppingRule {
  std::string name, value;
  Comparison comparison = Comparison::kEqual;
  std::int32_t start_step = 0;
  bool operator==(const EarlyStoppingRule&) const = default;
};

/// Written once by the experiment reconciler, never changed afterwards.
struct TrialSpec {
  ObjectiveSpec objective;
  std::vector<ParameterAssignment> parameter_assignments;
  std::vector<EarlyStoppingRule> early_stopping_rules;
  JsonText run_spec;  // the rendered job, name and namespace set
  bool retain_run = false;
  MetricsCollectorSpec metrics_collector;
  StringMap primary_pod_labels;
  std::string primary_container_name, success_condition, failure_condition;
  StringMap labels;
  bool operator==(const TrialSpec&) const = default;
};

struct TrialStatus {
  std::optional<absl::Time> start_time, completion_time;
  Conditions conditions;
  std::optional<Observation> observation;
  bool operator==(const TrialStatus&) const = default;
};

class Trial final : public ResourceWithStatus<Trial, Kind::kTrial> {
 public:
  TrialSpec spec;
  TrialStatus status;
};

}  // namespace qalam::api
