// A controller on an embedded store, with fakes around it and time in the test's hands.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <random>

#include "api/suggestion.h"
#include "controller/controller.h"
#include "controller/experiment_progress.h"
#include "controller/vocabulary.h"
#include "db/embedded_resource_store.h"
#include "tests/controller/fakes.h"

namespace qalam::controller {

class World {
 public:
  World() : directory_(MakeDirectory()) {
    database_ = *db::Database::Open((directory_ / "qalam.db").string());
    store_ = *db::EmbeddedResourceStore::Open(
        *database_, {.now = [this] { return loop.Now(); }, .random = [this] { return random_(); }});
    faulty_store = std::make_unique<FaultyStore>(*store_, faults);
  }
  ~World() {
    controller_.reset();
    loop.RunReady();
    faulty_store.reset();
    store_.reset();
    database_.reset();
    std::filesystem::remove_all(directory_);
  }

  /// A new controller process: the old one's knowledge is gone, its workloads too if `lose_workloads`.
  void StartController(bool lose_workloads = false) {
    controller_.reset();
    if (lose_workloads) engine.LoseEverything();
    controller_ = std::make_unique<Controller>(
        Controller::Dependencies{loop, *faulty_store, services, engine, collection, reporting});
    ASSERT_TRUE(controller_->Start().ok());
  }

  void Create(const api::Experiment& experiment) { ASSERT_TRUE(store_->Create(experiment).ok()); }

  /// As if the program of a running trial had written the value.
  void Report(const api::Trial& trial, const std::string& metric, const std::string& value) {
    services.observations->Add(trial.metadata.uid, metric, value);
    collection.on_point(trial.metadata.uid, {"0001-01-01T00:00:00Z", metric, value});
  }

  /// Lets time pass until the experiment is complete; false after `most` of the fake time.
  bool RunToCompletion(absl::Duration most = absl::Hours(1)) {
    for (const absl::Time end = loop.Now() + most; loop.Now() < end; loop.Advance(absl::Milliseconds(100))) {
      const auto status = experiment()->status;
      if (IsTrue(status.conditions, kSucceeded) || IsTrue(status.conditions, kFailed)) {
        return loop.Advance(absl::Seconds(30));
      }
    }
    return false;
  }

  std::shared_ptr<const api::Experiment> experiment() const {
    return *api::Get<api::Experiment>(*store_, {"default", "tune"});
  }
  std::shared_ptr<const api::Suggestion> suggestion() const {
    return *api::Get<api::Suggestion>(*store_, {"default", "tune"});
  }
  std::vector<TrialPtr> trials() const {
    std::vector<TrialPtr> trials;
    const api::ResourceList list = *store_->List(api::Kind::kTrial, "default");
    for (const api::ResourcePtr& item : list.items)
      trials.push_back(std::static_pointer_cast<const api::Trial>(item));
    std::sort(trials.begin(), trials.end(),
              [](const TrialPtr& a, const TrialPtr& b) { return CreatedBefore(*a, *b); });
    return trials;
  }
  api::ResourceStore& store() { return *store_; }
  Controller& controller() { return *controller_; }

  FakeEventLoop loop;
  Faults faults;
  FakeServices services{loop, faults};
  FakeEngine engine{loop, faults, *services.observations};
  FakeCollection collection{loop, faults};
  TrialReporting* reporting = nullptr;
  std::unique_ptr<FaultyStore> faulty_store;

 private:
  static std::filesystem::path MakeDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "qalam-controller-XXXXXX").string();
    return mkdtemp(pattern.data());
  }

  std::mt19937_64 random_{7};
  std::filesystem::path directory_;
  std::unique_ptr<db::Database> database_;
  std::unique_ptr<db::EmbeddedResourceStore> store_;
  std::unique_ptr<Controller> controller_;
};

/// "tune" in "default": minimise loss over x, two at a time, three in all.
inline api::Experiment MakeExperiment() {
  api::Experiment experiment;
  experiment.metadata.name = "tune";
  experiment.metadata.namespace_name = "default";
  experiment.metadata.labels = {{"team", "red"}};
  api::ExperimentSpec& spec = experiment.spec;
  api::ParameterSpec x{"x", api::ParameterType::kInt, {}};
  x.feasible_space = {.max = "100", .min = "1", .distribution = api::Distribution::kUniform};
  spec.parameters = {x};
  spec.objective = api::ObjectiveSpec{.type = api::ObjectiveType::kMinimize,
                                      .objective_metric_name = "loss",
                                      .metric_strategies = {{"loss", api::MetricStrategyType::kMin}}};
  spec.algorithm = api::AlgorithmSpec{"random", {}};
  spec.trial_template = api::TrialTemplate{
      .trial_spec =
          {R"({"apiVersion":"qalam.dev/v1","kind":"Process","spec":{"command":["run","${trialParameters.x}"]}})"},
      .trial_parameters = {{"x", "", "x"}},
      .primary_container_name = "main"};
  spec.parallel_trial_count = 2;
  spec.max_trial_count = 3;
  spec.metrics_collector = api::MetricsCollectorSpec{.kind = api::CollectorKind::kStdOut};
  spec.resume_policy = api::ResumePolicy::kNever;
  return experiment;
}

/// Condition types in order, those that are not True with their status: "Created Running=False Succeeded".
inline std::string ConditionText(const api::Conditions& conditions) {
  std::string text;
  for (const api::Condition& condition : conditions) {
    if (!text.empty()) text += " ";
    text += condition.type;
    if (condition.status != "True") text += "=" + condition.status;
  }
  return text;
}

}  // namespace qalam::controller
