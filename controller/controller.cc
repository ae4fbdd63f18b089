#include "controller/controller.h"

#include <fmt/format.h>

#include "api/trial_facts.h"
#include "controller/early_stopper.h"
#include "controller/event_recorder.h"
#include "controller/experiment_reconciler.h"
#include "controller/optimization_job_reconciler.h"
#include "controller/resource_cache.h"
#include "controller/rule_refresher.h"
#include "controller/suggestion_reconciler.h"
#include "controller/trial_index.h"
#include "controller/trial_reconciler.h"
#include "controller/work_queue.h"

namespace qalam::controller {

struct Controller::State {
  explicit State(Dependencies dependencies)
      : to(dependencies),
        events(to.loop, to.store),
        experiment_cache(to.loop, to.store, api::Kind::kExperiment),
        suggestion_cache(to.loop, to.store, api::Kind::kSuggestion),
        trial_cache(to.loop, to.store, api::Kind::kTrial),
        job_cache(to.loop, to.store, api::Kind::kOptimizationJob),
        keeper({trial_index, to.engine, events}),
        experiment_reconciler({to.loop, to.store, experiment_cache, suggestion_cache, trial_cache,
                               trial_index, events, keeper}),
        suggestion_reconciler(
            {to.loop, to.store, experiment_cache, suggestion_cache, trial_index, to.services, events}),
        stopper({experiment_cache, to.engine, events}),
        refresher({to.loop, experiment_cache, trial_index, to.services, events, stopper}),
        trial_reconciler({to.loop, to.store, experiment_cache, trial_cache, to.services, to.engine,
                          to.collection, events, stopper, refresher,
                          to.reporting == nullptr ? no_reporting : *to.reporting}),
        job_reconciler({to.loop, to.store, job_cache, experiment_cache, trial_index, events}),
        experiments(to.loop, Runner(experiment_reconciler),
                    ErrorReporter(experiment_cache, "experiment-controller", "Failed to reconcile: ")),
        suggestions(to.loop, Runner(suggestion_reconciler),
                    ErrorReporter(suggestion_cache, "suggestion-controller", "")),
        trials(to.loop, Runner(trial_reconciler),
               ErrorReporter(trial_cache, "trial-controller", "Failed to reconcile: ")),
        jobs(to.loop, Runner(job_reconciler),
             ErrorReporter(job_cache, "optimizationjob-controller", "Failed to reconcile: ")) {
    suggestion_reconciler.SetWakeUp([this](const api::ObjectKey& key) { suggestions.Add(key); });
    trial_reconciler.SetWakeUp([this](const api::ObjectKey& key) { trials.Add(key); });
    stopper.SetReported([this](const api::ObjectKey& experiment) { refresher.TrialReported(experiment); });
    stopper.SetWakeUp([this](const api::ObjectKey& key) { trials.Add(key); });
    to.collection.SetPointHandler([this](const std::string& trial_uid, const metrics::MetricPoint& point) {
      stopper.Add(trial_uid, point);
      on_point(trial_uid, point);
    });
  }

  template <class Reconciler>
  static WorkQueue::Reconcile Runner(Reconciler& reconciler) {
    return [&reconciler](const api::ObjectKey& key) { return reconciler.Reconcile(key); };
  }

  WorkQueue::ErrorHandler ErrorReporter(ResourceCache& cache, std::string_view component,
                                        std::string_view prefix) {
    return [this, &cache, component, prefix](const api::ObjectKey& key, const absl::Status& status) {
      const api::ResourcePtr resource = cache.Find(key);
      if (resource == nullptr) return;
      events.Warning(*resource, component, "ReconcileError", fmt::format("{}{}", prefix, MessageOf(status)));
    };
  }

  bool Selected(const api::ObjectKey& experiment) const { return !to.only || *to.only == experiment; }

  void ExperimentOrSuggestionChanged(const api::ResourcePtr& resource, bool deleted) {
    if (!Selected(resource->key())) return;
    experiments.Add(resource->key());
    suggestions.Add(resource->key());
    JobChanged(resource->key());
    on_change(resource, deleted);
  }

  void JobChanged(const api::ObjectKey& key) {
    if (Selected(key) && job_cache.Find(key) != nullptr) jobs.Add(key);
  }

  void TrialChanged(const api::ResourcePtr& resource, bool deleted) {
    const auto trial = std::static_pointer_cast<const api::Trial>(resource);
    if (!Selected(TrialIndex::ExperimentOf(*trial))) return;
    if (deleted) {
      trial_index.Remove(*trial);
    } else {
      trial_index.Put(trial);
    }
    trials.Add(trial->key());
    experiments.Add(TrialIndex::ExperimentOf(*trial));
    JobChanged(TrialIndex::ExperimentOf(*trial));
    on_change(resource, deleted);
  }

  absl::Status Start() {
    const auto changed = [this](const api::ResourcePtr& resource, bool deleted) {
      ExperimentOrSuggestionChanged(resource, deleted);
    };
    QALAM_RETURN_IF_ERROR(experiment_cache.Start(changed));
    QALAM_RETURN_IF_ERROR(suggestion_cache.Start(changed));
    QALAM_RETURN_IF_ERROR(trial_cache.Start(
        [this](const api::ResourcePtr& resource, bool deleted) { TrialChanged(resource, deleted); }));
    QALAM_RETURN_IF_ERROR(
        job_cache.Start([this](const api::ResourcePtr& resource, bool) { JobChanged(resource->key()); }));
    for (const auto& [key, resource] : trial_cache.items()) {
      trial_reconciler.MarkRestored(static_cast<const api::Trial&>(*resource));
    }
    to.engine.SetChangeHandler([this](const workload::TrialRef& trial) {
      trials.Add({trial.namespace_name, trial.name});
      on_engine_change();
    });
    return absl::OkStatus();
  }

  Dependencies to;
  TrialReporting no_reporting;
  ChangeHandler on_change = [](const api::ResourcePtr&, bool) {};
  std::function<void()> on_engine_change = [] {};
  PointHandler on_point = [](const std::string&, const metrics::MetricPoint&) {};
  EventRecorder events;
  TrialIndex trial_index;
  ResourceCache experiment_cache, suggestion_cache, trial_cache, job_cache;
  CheckpointKeeper keeper;
  ExperimentReconciler experiment_reconciler;
  SuggestionReconciler suggestion_reconciler;
  EarlyStopper stopper;
  RuleRefresher refresher;
  TrialReconciler trial_reconciler;
  OptimizationJobReconciler job_reconciler;
  WorkQueue experiments, suggestions, trials, jobs;
};

Controller::Controller(Dependencies dependencies) : state_(std::make_unique<State>(dependencies)) {}

Controller::~Controller() {
  state_->to.collection.SetPointHandler(nullptr);
  state_->to.engine.SetChangeHandler([](const workload::TrialRef&) {});
}

absl::Status Controller::Start() { return state_->Start(); }

void Controller::Drain() { state_->experiment_reconciler.Drain(); }

void Controller::Interrupt() {
  Drain();
  state_->trial_reconciler.Interrupt();
  for (const auto& [key, resource] : state_->trial_cache.items()) {
    const auto& trial = static_cast<const api::Trial&>(*resource);
    if (api::IsFinished(api::StateOf(trial))) continue;
    state_->to.engine.Stop({trial.metadata.namespace_name, trial.metadata.name, trial.metadata.uid});
  }
}

bool Controller::Idle() const {
  for (const auto& [key, resource] : state_->trial_cache.items()) {
    const auto& trial = static_cast<const api::Trial&>(*resource);
    const workload::RunPhase phase =
        state_->to.engine.Observe({key.namespace_name, key.name, trial.metadata.uid}).phase;
    if (phase == workload::RunPhase::kPending || phase == workload::RunPhase::kRunning) return false;
    const bool ended = phase == workload::RunPhase::kSucceeded || phase == workload::RunPhase::kFailed;
    if (ended && !api::IsFinished(api::StateOf(trial))) return false;
    if (phase != workload::RunPhase::kAbsent && api::AwaitsObservation(trial)) return false;
  }
  return true;
}

void Controller::SetEngineHandler(std::function<void()> handler) {
  state_->on_engine_change = std::move(handler);
}

void Controller::SetPointHandler(PointHandler handler) { state_->on_point = std::move(handler); }

void Controller::SetChangeHandler(ChangeHandler handler) { state_->on_change = std::move(handler); }

}  // namespace qalam::controller
