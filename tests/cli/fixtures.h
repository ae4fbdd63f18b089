// Experiments and trials as the controller leaves them, a store that holds them, and streams that remember.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "api/trial.h"
#include "cli/read_store.h"
#include "cli/streams.h"

namespace qalam::cli {

inline absl::Time At(int seconds) {
  return absl::FromCivil(absl::CivilSecond(2026, 5, 1, 12, 0, 0), absl::UTCTimeZone()) +
         absl::Seconds(seconds);
}

/// maximize accuracy, random, lr double, layers int, opt categorical; 50 trials, 4 in parallel; `python
/// train.py`.
inline api::Experiment MakeExperiment(const std::string& name = "quick") {
  api::Experiment experiment;
  experiment.metadata.name = name;
  experiment.metadata.namespace_name = "default";
  experiment.metadata.creation_timestamp = At(0);
  api::ExperimentSpec& spec = experiment.spec;
  spec.objective.emplace();
  spec.objective->type = api::ObjectiveType::kMaximize;
  spec.objective->objective_metric_name = "accuracy";
  spec.objective->additional_metric_names = {"loss"};
  spec.objective->metric_strategies = {{"accuracy", api::MetricStrategyType::kMax},
                                       {"loss", api::MetricStrategyType::kMin}};
  spec.algorithm.emplace();
  spec.algorithm->algorithm_name = "random";
  spec.parameters.resize(3);
  spec.parameters[0].name = "lr";
  spec.parameters[0].type = api::ParameterType::kDouble;
  spec.parameters[0].feasible_space.min = "0.00001";
  spec.parameters[0].feasible_space.max = "0.1";
  spec.parameters[1].name = "layers";
  spec.parameters[1].type = api::ParameterType::kInt;
  spec.parameters[1].feasible_space.min = "1";
  spec.parameters[1].feasible_space.max = "4";
  spec.parameters[2].name = "opt";
  spec.parameters[2].type = api::ParameterType::kCategorical;
  spec.parameters[2].feasible_space.list = {"adam", "sgd"};
  spec.max_trial_count = 50;
  spec.parallel_trial_count = 4;
  api::TrialTemplate& trial_template = spec.trial_template.emplace();
  trial_template.primary_container_name = "main";
  for (const char* parameter : {"lr", "layers", "opt"})
    trial_template.trial_parameters.push_back({parameter, "", parameter});
  trial_template.trial_spec.text =
      R"({"apiVersion":"qalam.dev/v1","kind":"Process","spec":{"command":["python","train.py",)"
      R"("--lr","${trialParameters.lr}","--layers=${trialParameters.layers}","${trialParameters.opt}"]}})";
  return experiment;
}

inline void AddCondition(api::Conditions& conditions, const std::string& type, absl::Time at,
                         const std::string& reason = "Reason", const std::string& message = "") {
  api::ClearCondition(conditions, "Running", at);
  api::SetCondition(conditions, type, true, reason, message, at);
}

/// A trial of MakeExperiment(), pending since At(created).
inline api::Trial MakeTrial(const std::string& name, const std::string& lr = "0.01", int created = 0) {
  api::Trial trial;
  trial.metadata.name = name;
  trial.metadata.namespace_name = "default";
  trial.metadata.creation_timestamp = At(created);
  trial.spec.objective = *MakeExperiment().spec.objective;
  trial.spec.parameter_assignments = {{"lr", lr}, {"layers", "2"}, {"opt", "adam"}};
  trial.spec.primary_container_name = "main";
  trial.spec.run_spec.text =
      R"({"apiVersion":"qalam.dev/v1","kind":"Process","spec":{"command":["python","train.py","--lr",")" +
      lr + R"(","--layers=2","adam"]}})";
  return trial;
}

inline api::Trial Started(api::Trial trial, int at) {
  trial.status.start_time = At(at);
  AddCondition(trial.status.conditions, "Running", At(at), "TrialRunning", "Trial is running");
  return trial;
}

inline api::Trial Succeeded(api::Trial trial, int at, const std::string& accuracy) {
  trial.status.completion_time = At(at);
  trial.status.observation =
      api::Observation{{{"accuracy", "0.1", accuracy, "0.2"}, {"loss", "0.3", "2", "0.4"}}};
  AddCondition(trial.status.conditions, "Succeeded", At(at), "TrialSucceeded", "Trial has succeeded");
  return trial;
}

inline api::Trial Failed(api::Trial trial, int at, const std::string& message) {
  trial.status.completion_time = At(at);
  AddCondition(trial.status.conditions, "Failed", At(at), "TrialFailed", message);
  return trial;
}

// Marked, while its program still ends.
inline api::Trial Stopping(api::Trial trial, int at) {
  AddCondition(trial.status.conditions, "EarlyStopped", At(at), "TrialEarlyStopped",
               "Trial is early stopped: best accuracy 0.1 at report 4 is less than 0.5 (medianstop)");
  return trial;
}

class FakeReadStore final : public ReadStore {
 public:
  std::vector<api::Experiment> experiments;
  std::vector<api::Trial> trials;                         // of the first experiment
  std::map<std::string, std::vector<CurvePoint>> curves;  // by trial
  std::optional<api::Suggestion> suggestion;
  std::map<std::string, std::vector<api::Event>> warnings;  // by trial
  std::string log_directory;

  absl::StatusOr<std::vector<ExperimentPtr>> Experiments(std::string_view) const override {
    std::vector<ExperimentPtr> result;
    for (const api::Experiment& experiment : experiments)
      result.push_back(std::make_shared<api::Experiment>(experiment));
    return result;
  }
  absl::StatusOr<ExperimentPtr> Experiment(std::string_view, std::string_view name) const override {
    for (const api::Experiment& experiment : experiments) {
      if (experiment.metadata.name == name) return std::make_shared<const api::Experiment>(experiment);
    }
    return absl::NotFoundError("no experiment \"" + std::string(name) + "\"");
  }
  absl::StatusOr<std::vector<TrialPtr>> Trials(const api::Experiment&) const override {
    std::vector<TrialPtr> result;
    for (const api::Trial& trial : trials) result.push_back(std::make_shared<api::Trial>(trial));
    return result;
  }
  absl::StatusOr<TrialPtr> Trial(const api::Experiment&, std::string_view name) const override {
    for (const api::Trial& trial : trials) {
      if (trial.metadata.name == name) return std::make_shared<const api::Trial>(trial);
    }
    return absl::NotFoundError("no trial");
  }
  absl::StatusOr<SuggestionPtr> Suggestion(const api::Experiment&) const override {
    if (!suggestion) return absl::NotFoundError("no suggestion");
    return std::make_shared<const api::Suggestion>(*suggestion);
  }
  absl::StatusOr<std::vector<api::Event>> Warnings(const api::Trial& trial) const override {
    const auto found = warnings.find(trial.metadata.name);
    return found == warnings.end() ? std::vector<api::Event>() : found->second;
  }
  absl::Status Curve(const api::Trial& trial,
                     const std::function<void(const CurvePoint&)>& point) const override {
    const auto found = curves.find(trial.metadata.name);
    if (found == curves.end()) return absl::OkStatus();
    for (const CurvePoint& reported : found->second) point(reported);
    return absl::OkStatus();
  }
  absl::StatusOr<TrialFiles> Files(const api::Trial& trial) const override {
    if (log_directory.empty()) return absl::NotFoundError("it ran elsewhere");
    const std::string directory = log_directory + "/" + trial.metadata.name;
    return TrialFiles{directory, directory + "/output.log"};
  }
};

/// One finished experiment "quick" with three trials, the second the best.
inline FakeReadStore FinishedStore() {
  FakeReadStore store;
  store.trials = {Succeeded(Started(MakeTrial("quick-aaa", "0.01", 1), 2), 12, "0.8"),
                  Succeeded(Started(MakeTrial("quick-bbb", "0.003", 1), 3), 23, "0.95"),
                  Failed(Started(MakeTrial("quick-ccc", "0.1", 1), 4), 5, "exit code 3")};
  api::Experiment experiment = MakeExperiment();
  experiment.spec.max_trial_count = 3;
  experiment.status.start_time = At(0);
  experiment.status.completion_time = At(25);
  experiment.status.trials = 3;
  experiment.status.succeeded = {"quick-aaa", "quick-bbb"};
  experiment.status.failed = {"quick-ccc"};
  experiment.status.current_optimal_trial = {"quick-bbb", store.trials[1].spec.parameter_assignments,
                                             *store.trials[1].status.observation};
  AddCondition(experiment.status.conditions, "Created", At(0), "ExperimentCreated", "Experiment is created");
  AddCondition(experiment.status.conditions, "Running", At(1), "ExperimentRunning", "Experiment is running");
  AddCondition(experiment.status.conditions, "Succeeded", At(25), "ExperimentMaxTrialsReached",
               "Experiment has succeeded because max trial count has reached");
  store.experiments = {experiment};
  return store;
}

struct TestStreams {
  std::ostringstream out, err;
  Streams streams{out, err, Terminal{}, Terminal{}, At(60), absl::UTCTimeZone()};
};

}  // namespace qalam::cli
