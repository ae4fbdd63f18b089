// Drives one experiment: keeps its trials coming, its status current, and ends it.
#pragma once

#include <map>
#include <string>

#include "api/resource_store.h"
#include "api/suggestion.h"
#include "controller/checkpoint_keeper.h"
#include "controller/event_recorder.h"
#include "controller/metric_bounds.h"
#include "controller/resource_cache.h"
#include "controller/trial_index.h"
#include "controller/work_queue.h"

namespace qalam::controller {

/// One pass: finalizer; restart of a completed experiment whose budget was raised; Created; summary of the trials and
/// the completion rules; then as many new trials as parallelTrialCount and maxTrialCount ask for, made from the
/// assignments of the Suggestion of the same name, which is created and asked for more as needed.
///
/// While trials run, the lists and counts of the status are written at most 20 times a second: every step of every trial
/// changes them, and they name every trial. Conditions are written at once.
///
/// On completion the trials still running are marked Killed, so that nothing goes on computing for an answer that is
/// already there, and the suggestion ends as the resume policy says.
///
/// Threads: the event loop's thread only.
class ExperimentReconciler {
 public:
  struct Dependencies {
    EventLoop& loop;
    api::ResourceStore& store;
    ResourceCache& experiments;
    ResourceCache& suggestions;
    ResourceCache& trials;
    TrialIndex& trial_index;
    EventRecorder& events;
    CheckpointKeeper& keeper;
  };

  explicit ExperimentReconciler(Dependencies dependencies) : to_(dependencies) {}

  ReconcileResult Reconcile(const api::ObjectKey& key);

  /// No new trials from now on; those that run go on.
  void Drain() { draining_ = true; }

 private:
  absl::Status ReleaseFinalizer(const api::Experiment& experiment);
  void Restart(const api::Experiment& experiment, api::ExperimentStatus& status);
  void Judge(const api::Experiment& experiment, const MetricBounds& bounds, api::ExperimentStatus& status);
  void Complete(api::ExperimentStatus& status, const Verdict& verdict);
  absl::Status EndSuggestion(const api::Experiment& experiment);
  absl::Status KillTrials(const api::Experiment& experiment);
  absl::Status StartTrials(const api::Experiment& experiment, int count);
  absl::Status CreateSuggestion(const api::Experiment& experiment, int requests);
  absl::Status CreateTrial(const api::Experiment& experiment, const api::TrialAssignment& assignment,
                           int index);
  absl::StatusOr<std::string> TemplateText(const api::Experiment& experiment) const;
  absl::Status WriteStatus(const api::Experiment& experiment, api::ExperimentStatus status);
  absl::Duration StatusDelay(const api::Experiment& experiment, const api::ExperimentStatus& status) const;

  Dependencies to_;
  bool draining_ = false;
  std::map<api::ObjectKey, absl::Time> status_written_;
};

}  // namespace qalam::controller
