// Requests built from the choices that a fuzzer's bytes make: well-formed messages with awkward contents, which random bytes
// on the wire hardly ever are.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "algorithms/registry.h"
#include "proto/api.pb.h"

namespace qalam::suggestion::testing {

namespace wire = ::api::v1::beta1;

class RequestChoices {
 public:
  RequestChoices(const std::uint8_t* data, size_t size) : data_(data), end_(data + size) {}

  /// Below `bound` (1 to 256); 0 when the bytes have run out.
  int Below(int bound) { return data_ == end_ ? 0 : *data_++ % bound; }
  bool OneIn(int n) { return Below(n) == n - 1; }

  std::int32_t Count() {
    static constexpr std::array<std::int32_t, 8> kCounts = {1, 2, 3, 20, 0, -1, INT32_MIN, INT32_MAX};
    return kCounts[Below(kCounts.size())];
  }

  std::string Number() {
    static constexpr std::array<std::string_view, 22> kNumbers = {
        "0",     "1",   "5",   "-1",   "10",    "0.5",        "1e-3",
        "100",   "nan", "inf", "-inf", "1e308", "1e-320",     "-1e308",
        "0x10",  "",    " 7 ", "1_0",  "+3",    "2147483648", "9223372036854775808",
        "1e-300"};
    const int choice = Below(kNumbers.size() + 2);
    if (choice == 22) return std::string(1 + Below(400), '9');
    if (choice == 23) return Text();
    return std::string(kNumbers[choice]);
  }

  std::string Text() {
    switch (Below(8)) {
      case 0:
        return "";
      case 1:
        return std::string(1 << 20, 'x');
      case 2: {
        std::string text;
        for (int left = Below(16); left > 0; --left) text += static_cast<char>(Below(256));
        return text;
      }
      case 3:
        return "\xC3\xA9";
      default:
        return std::string(1, static_cast<char>('a' + Below(4)));
    }
  }

  void Fill(wire::ParameterSpec& parameter, int index) {
    parameter.set_name(OneIn(8) ? Text() : "p" + std::to_string(index));
    parameter.set_parameter_type(static_cast<wire::ParameterType>(Below(6)));
    wire::FeasibleSpace& space = *parameter.mutable_feasible_space();
    space.set_distribution(static_cast<wire::Distribution>(Below(6)));
    if (parameter.parameter_type() == wire::CATEGORICAL || parameter.parameter_type() == wire::DISCRETE) {
      for (int left = Below(5); left > 0; --left) space.add_list(OneIn(2) ? Number() : Text());
      return;
    }
    space.set_min(OneIn(4) ? Number() : "1");
    space.set_max(OneIn(4) ? Number() : "64");
    if (OneIn(2)) space.set_step(Number());
  }

  void Fill(wire::Experiment& experiment) {
    experiment.set_name(Text());
    wire::ExperimentSpec& spec = *experiment.mutable_spec();
    const auto algorithms = algorithms::Algorithms();
    const int algorithm = Below(static_cast<int>(algorithms.size()) + 1);
    spec.mutable_algorithm()->set_algorithm_name(
        algorithm < static_cast<int>(algorithms.size()) ? std::string(algorithms[algorithm].name) : Text());
    FillSettings(*spec.mutable_algorithm());
    spec.mutable_objective()->set_type(static_cast<wire::ObjectiveType>(Below(4)));
    spec.mutable_objective()->set_objective_metric_name(OneIn(8) ? Text() : "loss");
    spec.set_parallel_trial_count(Count());
    spec.set_max_trial_count(Count());
    auto& parameters = *spec.mutable_parameter_specs();
    for (int left = Below(6); left > 0; --left) {
      Fill(*parameters.add_parameters(), parameters.parameters_size());
    }
    if (OneIn(4)) Fill(*spec.mutable_nas_config());
    if (OneIn(32) && parameters.parameters_size() > 0) {
      const wire::ParameterSpec model = parameters.parameters(0);
      if (model.ByteSizeLong() > 10'000) return;
      for (int i = 0; i < 10'000; ++i) {
        *parameters.add_parameters() = model;
        parameters.mutable_parameters()->rbegin()->set_name("many" + std::to_string(i));
      }
    }
  }

  void Fill(wire::NasConfig& nas) {
    wire::GraphConfig& graph = *nas.mutable_graph_config();
    graph.set_num_layers(OneIn(4) ? Count() : Below(6));
    for (int left = Below(3); left > 0; --left) graph.add_input_sizes(Count());
    for (int left = Below(3); left > 0; --left) graph.add_output_sizes(Count());
    for (int left = Below(4); left > 0; --left) {
      wire::Operation& operation = *nas.mutable_operations()->add_operation();
      operation.set_operation_type(Text());
      for (int more = Below(4); more > 0; --more) {
        Fill(*operation.mutable_parameter_specs()->add_parameters(), more);
      }
    }
  }

  /// For AlgorithmSpec and EarlyStoppingSpec.
  template <class Spec>
  void FillSettings(Spec& spec) {
    static constexpr std::array<const char*, 20> kNames = {"random_state",
                                                           "seed",
                                                           "gamma",
                                                           "prior_weight",
                                                           "n_EI_candidates",
                                                           "n_ei_candidates",
                                                           "n_startup_trials",
                                                           "base_estimator",
                                                           "n_initial_points",
                                                           "acq_func",
                                                           "acq_optimizer",
                                                           "sigma",
                                                           "restart_strategy",
                                                           "popsize",
                                                           "min_trials_required",
                                                           "start_step",
                                                           "statistic",
                                                           "median",
                                                           "unknown_conf",
                                                           ""};
    for (int left = Below(4); left > 0; --left) {
      auto& setting = *spec.add_algorithm_settings();
      setting.set_name(kNames[Below(kNames.size())]);
      setting.set_value(Number());
    }
  }

  /// Trials with labels that name each other as parents, in a circle.
  void Fill(google::protobuf::RepeatedPtrField<wire::Trial>& trials, const wire::ExperimentSpec& spec) {
    const int count = Below(12);
    for (int i = 0; i < count; ++i) {
      wire::Trial& trial = *trials.Add();
      trial.set_name(OneIn(8) ? Text() : "t" + std::to_string(i));
      for (const wire::ParameterSpec& parameter : spec.parameter_specs().parameters()) {
        wire::ParameterAssignment& assignment =
            *trial.mutable_spec()->mutable_parameter_assignments()->add_assignments();
        assignment.set_name(parameter.name());
        assignment.set_value(parameter.feasible_space().list_size() > 0 ? parameter.feasible_space().list(0)
                             : OneIn(4)                                 ? Number()
                                                                        : std::to_string(1 + Below(64)));
        if (spec.parameter_specs().parameters_size() > 100 && OneIn(2)) break;
      }
      auto& labels = *trial.mutable_spec()->mutable_labels();
      labels["pbt.suggestion.katib.kubeflow.org/parent"] = "t" + std::to_string((i + 1) % count);
      labels["qalam.dev/trial-index"] = Number();
      wire::TrialStatus& status = *trial.mutable_status();
      status.set_condition(static_cast<wire::TrialStatus::TrialConditionType>(OneIn(2) ? Below(9) : 2));
      status.set_start_time(OneIn(4) ? Text() : "2026-01-01T10:00:00Z");
      status.set_completion_time(OneIn(4) ? Text() : "2026-01-01T10:05:00Z");
      wire::Metric& metric = *status.mutable_observation()->add_metrics();
      metric.set_name(OneIn(8) ? Text() : "loss");
      metric.set_value(Number());
    }
    if (OneIn(32) && count > 0) {
      const wire::Trial model = trials.Get(0);
      if (model.ByteSizeLong() > 10'000) return;
      for (int i = 0; i < 2'000; ++i) {
        *trials.Add() = model;
        trials.rbegin()->set_name("many" + std::to_string(i));
      }
    }
  }

 private:
  const std::uint8_t* data_;
  const std::uint8_t* end_;
};

}  // namespace qalam::suggestion::testing
