#include "controller/wire_convert.h"

#include <algorithm>

#include "api/early_stopping.h"
#include "api/trial_facts.h"
#include "base/extensions.h"
#include "controller/observation.h"
#include "controller/vocabulary.h"
#include "suggestion/labels.h"

namespace qalam::controller {
namespace {

wire::ParameterType ToWire(api::ParameterType type) {
  switch (type) {
    case api::ParameterType::kDouble:
      return wire::DOUBLE;
    case api::ParameterType::kInt:
      return wire::INT;
    case api::ParameterType::kDiscrete:
      return wire::DISCRETE;
    case api::ParameterType::kCategorical:
      return wire::CATEGORICAL;
    case api::ParameterType::kUnknown:
      break;
  }
  return wire::UNKNOWN_TYPE;
}

wire::Distribution ToWire(api::Distribution distribution) {
  switch (distribution) {
    case api::Distribution::kUniform:
      return wire::UNIFORM;
    case api::Distribution::kLogUniform:
      return wire::LOG_UNIFORM;
    case api::Distribution::kNormal:
      return wire::NORMAL;
    case api::Distribution::kLogNormal:
      return wire::LOG_NORMAL;
    case api::Distribution::kUnset:
    case api::Distribution::kUnknown:
      break;
  }
  return wire::DISTRIBUTION_UNSPECIFIED;
}

void ToWire(const api::ParameterSpec& parameter, wire::ParameterSpec& out) {
  out.set_name(parameter.name);
  out.set_parameter_type(ToWire(parameter.type));
  wire::FeasibleSpace& space = *out.mutable_feasible_space();
  space.set_min(parameter.feasible_space.min);
  space.set_max(parameter.feasible_space.max);
  space.set_step(parameter.feasible_space.step);
  for (const std::string& entry : parameter.feasible_space.list) space.add_list(entry);
  space.set_distribution(ToWire(parameter.feasible_space.distribution));
}

void ToWire(const api::ObjectiveSpec& objective, wire::ObjectiveSpec& out) {
  if (objective.type == api::ObjectiveType::kMinimize) out.set_type(wire::MINIMIZE);
  if (objective.type == api::ObjectiveType::kMaximize) out.set_type(wire::MAXIMIZE);
  if (objective.goal) out.set_goal(*objective.goal);
  out.set_objective_metric_name(objective.objective_metric_name);
  for (const std::string& name : objective.additional_metric_names) out.add_additional_metric_names(name);
}

void ToWire(const api::NasConfig& nas, wire::NasConfig& out) {
  wire::GraphConfig& graph = *out.mutable_graph_config();
  graph.set_num_layers(nas.graph_config.num_layers.value_or(0));
  for (const std::int32_t size : nas.graph_config.input_sizes) graph.add_input_sizes(size);
  for (const std::int32_t size : nas.graph_config.output_sizes) graph.add_output_sizes(size);
  out.mutable_operations();
  for (const api::NasOperation& operation : nas.operations) {
    wire::Operation& added = *out.mutable_operations()->add_operation();
    added.set_operation_type(operation.operation_type);
    for (const api::ParameterSpec& parameter : operation.parameters) {
      ToWire(parameter, *added.mutable_parameter_specs()->add_parameters());
    }
  }
}

// Later settings of the same name replace earlier ones in place.
void Upsert(wire::AlgorithmSpec& algorithm, const api::AlgorithmSetting& setting) {
  auto& settings = *algorithm.mutable_algorithm_settings();
  auto same =
      std::find_if(settings.begin(), settings.end(), [&](const auto& s) { return s.name() == setting.name; });
  wire::AlgorithmSetting* target = same == settings.end() ? settings.Add() : &*same;
  target->set_name(setting.name);
  target->set_value(setting.value);
}

std::string TimeText(const std::optional<absl::Time>& time) {
  return time ? absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", *time, absl::UTCTimeZone()) : std::string();
}

wire::TrialStatus::TrialConditionType LastCondition(const api::Conditions& conditions) {
  if (conditions.empty()) return wire::TrialStatus::CREATED;
  const std::string& type = conditions.back().type;
  if (type == kCreated) return wire::TrialStatus::CREATED;
  if (type == kRunning) return wire::TrialStatus::RUNNING;
  if (type == kSucceeded) return wire::TrialStatus::SUCCEEDED;
  if (type == kKilled) return wire::TrialStatus::KILLED;
  if (type == kFailed) return wire::TrialStatus::FAILED;
  if (type == kMetricsUnavailable) return wire::TrialStatus::METRICSUNAVAILABLE;
  if (type == kEarlyStopped) return wire::TrialStatus::EARLYSTOPPED;
  return wire::TrialStatus::UNKNOWN;
}

// Labels that came with the point, by their prefix. A stock controller does not send them back; algorithms find their way
// without, but not as far.
bool IsOfAlgorithm(std::string_view label) {
  return label.starts_with(kExtensionPrefix) || label.starts_with("pbt.suggestion.katib.kubeflow.org/");
}

std::string_view FailureLabel(const api::Trial& trial) {
  const std::string_view reason = api::FailureReason(trial);
  if (reason == api::kReasonInfeasible) return suggestion::kInfeasible;
  if (reason == api::kReasonTemporaryFailure) return suggestion::kTemporary;
  return {};
}

}  // namespace

wire::Experiment ToWire(const api::Experiment& experiment,
                        const std::vector<api::AlgorithmSetting>& settings) {
  wire::Experiment out;
  out.set_name(experiment.metadata.name);
  const api::ExperimentSpec& spec = experiment.spec;
  wire::ExperimentSpec& to = *out.mutable_spec();
  to.mutable_parameter_specs();
  for (const api::ParameterSpec& parameter : spec.parameters) {
    ToWire(parameter, *to.mutable_parameter_specs()->add_parameters());
  }
  if (spec.objective) ToWire(*spec.objective, *to.mutable_objective());
  if (spec.algorithm) {
    wire::AlgorithmSpec& algorithm = *to.mutable_algorithm();
    algorithm.set_algorithm_name(spec.algorithm->algorithm_name);
    for (const api::AlgorithmSetting& setting : spec.algorithm->algorithm_settings) {
      wire::AlgorithmSetting& added = *algorithm.add_algorithm_settings();
      added.set_name(setting.name);
      added.set_value(setting.value);
    }
    for (const auto& [name, value] : experiment.metadata.annotations) {
      if (IsExtension(name)) Upsert(algorithm, {name, value});
    }
    for (const api::AlgorithmSetting& setting : settings) Upsert(algorithm, setting);
  }
  if (spec.early_stopping) *to.mutable_early_stopping() = ToWireEarlyStopping(*spec.early_stopping);
  to.set_parallel_trial_count(spec.parallel_trial_count.value_or(0));
  to.set_max_trial_count(spec.max_trial_count.value_or(0));
  if (spec.nas_config) ToWire(*spec.nas_config, *to.mutable_nas_config());
  return out;
}

wire::EarlyStoppingSpec ToWireEarlyStopping(const api::AlgorithmSpec& spec) {
  wire::EarlyStoppingSpec out;
  out.set_algorithm_name(spec.algorithm_name);
  for (const api::AlgorithmSetting& setting : spec.algorithm_settings) {
    if (setting.name == api::kEvaluateSetting) continue;
    wire::EarlyStoppingSetting& added = *out.add_algorithm_settings();
    added.set_name(setting.name);
    added.set_value(setting.value);
  }
  return out;
}

std::string RulesRequest(const api::Experiment& experiment,
                         const std::vector<api::AlgorithmSetting>& settings,
                         const std::string& observations_address) {
  wire::GetEarlyStoppingRulesRequest request;
  *request.mutable_experiment() = ToWire(experiment, settings);
  request.set_db_manager_address(observations_address);
  return request.SerializeAsString();
}

wire::Trial ToWire(const api::Trial& trial) {
  wire::Trial out;
  out.set_name(trial.metadata.name);
  ToWire(trial.spec.objective, *out.mutable_spec()->mutable_objective());
  wire::TrialSpec::ParameterAssignments& assignments = *out.mutable_spec()->mutable_parameter_assignments();
  for (const api::ParameterAssignment& assignment : trial.spec.parameter_assignments) {
    wire::ParameterAssignment& added = *assignments.add_assignments();
    added.set_name(assignment.name);
    added.set_value(assignment.value);
  }
  out.mutable_spec()->mutable_labels()->insert(trial.spec.labels.begin(), trial.spec.labels.end());
  for (const auto& [name, value] : trial.metadata.labels) {
    if (IsOfAlgorithm(name)) out.mutable_spec()->mutable_labels()->insert({name, value});
  }
  if (const auto index = trial.metadata.annotations.find(kTrialIndexAnnotation);
      index != trial.metadata.annotations.end()) {
    out.mutable_spec()->mutable_labels()->insert({std::string(suggestion::kTrialIndexLabel), index->second});
  }
  if (!trial.metadata.uid.empty()) {
    out.mutable_spec()->mutable_labels()->insert(
        {std::string(suggestion::kObservationKeyLabel), trial.metadata.uid});
  }
  if (const std::string_view failure = FailureLabel(trial); !failure.empty()) {
    out.mutable_spec()->mutable_labels()->insert(
        {std::string(suggestion::kFailureLabel), std::string(failure)});
  }
  wire::TrialStatus& status = *out.mutable_status();
  status.set_start_time(TimeText(trial.status.start_time));
  status.set_completion_time(TimeText(trial.status.completion_time));
  status.set_condition(LastCondition(trial.status.conditions));
  wire::Observation& observation = *status.mutable_observation();
  if (trial.status.observation) {
    for (const api::MetricValue& metric : trial.status.observation->metrics) {
      wire::Metric& added = *observation.add_metrics();
      added.set_name(metric.name);
      added.set_value(
          std::string(api::MetricText(trial.spec.objective, *trial.status.observation, metric.name)));
    }
  }
  return out;
}

std::string ToWireField(const api::Trial& trial) {
  static_assert(int{wire::GetSuggestionsRequest::kTrialsFieldNumber} ==
                int{wire::GetEarlyStoppingRulesRequest::kTrialsFieldNumber});
  wire::GetSuggestionsRequest request;
  *request.add_trials() = ToWire(trial);
  return request.SerializeAsString();
}

bool IsSent(const api::Trial& trial) {
  if (IsTrue(trial.status.conditions, kMetricsUnavailable)) return false;
  if (!IsTrue(trial.status.conditions, kEarlyStopped)) return true;
  return trial.status.observation &&
         api::ObjectiveValue(trial.spec.objective, *trial.status.observation).has_value();
}

api::TrialAssignment FromWire(const wire::GetSuggestionsReply::ParameterAssignments& assignments) {
  api::TrialAssignment out;
  out.name = assignments.trial_name();
  for (const wire::ParameterAssignment& assignment : assignments.assignments()) {
    out.parameter_assignments.push_back({assignment.name(), assignment.value()});
  }
  out.labels.insert(assignments.labels().begin(), assignments.labels().end());
  return out;
}

std::vector<api::EarlyStoppingRule> FromWire(const wire::GetEarlyStoppingRulesReply& reply) {
  std::vector<api::EarlyStoppingRule> rules;
  for (const wire::EarlyStoppingRule& rule : reply.early_stopping_rules()) {
    api::Comparison comparison = api::Comparison::kEqual;
    if (rule.comparison() == wire::LESS) comparison = api::Comparison::kLess;
    if (rule.comparison() == wire::GREATER) comparison = api::Comparison::kGreater;
    rules.push_back({rule.name(), rule.value(), comparison, rule.start_step()});
  }
  return rules;
}

}  // namespace qalam::controller
