// Messages as clients send them.
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <utility>

#include "proto/api.pb.h"

namespace qalam::suggestion::testing {

namespace wire = ::api::v1::beta1;

struct Bounds {
  std::string min, max, step;
  wire::Distribution distribution = wire::UNIFORM;
};

inline void AddNumber(wire::Experiment& experiment, const std::string& name, wire::ParameterType type,
                      const Bounds& bounds) {
  wire::ParameterSpec& parameter = *experiment.mutable_spec()->mutable_parameter_specs()->add_parameters();
  parameter.set_name(name);
  parameter.set_parameter_type(type);
  parameter.mutable_feasible_space()->set_min(bounds.min);
  parameter.mutable_feasible_space()->set_max(bounds.max);
  parameter.mutable_feasible_space()->set_step(bounds.step);
  parameter.mutable_feasible_space()->set_distribution(bounds.distribution);
}

inline void AddList(wire::Experiment& experiment, const std::string& name, wire::ParameterType type,
                    std::initializer_list<std::string> list) {
  wire::ParameterSpec& parameter = *experiment.mutable_spec()->mutable_parameter_specs()->add_parameters();
  parameter.set_name(name);
  parameter.set_parameter_type(type);
  for (const std::string& entry : list) parameter.mutable_feasible_space()->add_list(entry);
}

using SettingTexts = std::initializer_list<std::pair<std::string, std::string>>;

inline wire::Experiment ExperimentOf(const std::string& algorithm, SettingTexts settings = {}) {
  wire::Experiment experiment;
  experiment.set_name("test");
  experiment.mutable_spec()->mutable_algorithm()->set_algorithm_name(algorithm);
  for (const auto& [name, value] : settings) {
    wire::AlgorithmSetting& setting =
        *experiment.mutable_spec()->mutable_algorithm()->add_algorithm_settings();
    setting.set_name(name);
    setting.set_value(value);
  }
  experiment.mutable_spec()->mutable_objective()->set_type(wire::MAXIMIZE);
  return experiment;
}

/// The space of Katib's own tests of its services.
inline wire::Experiment KatibExperiment(const std::string& algorithm, SettingTexts settings = {}) {
  wire::Experiment experiment = ExperimentOf(algorithm, settings);
  AddNumber(experiment, "param-1", wire::INT, {"1", "5", "", wire::DISTRIBUTION_UNSPECIFIED});
  AddList(experiment, "param-2", wire::CATEGORICAL, {"cat1", "cat2", "cat3"});
  AddList(experiment, "param-3", wire::DISCRETE, {"3", "2", "6"});
  AddNumber(experiment, "param-4", wire::DOUBLE, {"1", "5", "1", wire::DISTRIBUTION_UNSPECIFIED});
  return experiment;
}

inline wire::Trial TrialOf(const std::string& name, const std::map<std::string, std::string>& assignments,
                           wire::TrialStatus::TrialConditionType condition,
                           const std::map<std::string, std::string>& metrics) {
  wire::Trial trial;
  trial.set_name(name);
  trial.mutable_spec()->mutable_objective()->set_type(wire::MAXIMIZE);
  trial.mutable_spec()->mutable_objective()->set_objective_metric_name("metric-2");
  for (const auto& [parameter, value] : assignments) {
    wire::ParameterAssignment& added =
        *trial.mutable_spec()->mutable_parameter_assignments()->add_assignments();
    added.set_name(parameter);
    added.set_value(value);
  }
  trial.mutable_status()->set_condition(condition);
  for (const auto& [metric, value] : metrics) {
    wire::Metric& added = *trial.mutable_status()->mutable_observation()->add_metrics();
    added.set_name(metric);
    added.set_value(value);
  }
  return trial;
}

inline wire::GetSuggestionsRequest RequestOf(wire::Experiment experiment, int current, int total) {
  wire::GetSuggestionsRequest request;
  *request.mutable_experiment() = std::move(experiment);
  request.set_current_request_number(current);
  request.set_total_request_number(total);
  return request;
}

}  // namespace qalam::suggestion::testing
