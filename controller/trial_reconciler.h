// Drives one trial from its creation to its verdict.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "api/resource_store.h"
#include "controller/clients.h"
#include "controller/early_stopper.h"
#include "controller/event_recorder.h"
#include "controller/resource_cache.h"
#include "controller/rule_refresher.h"
#include "controller/trial_reporting.h"
#include "controller/work_queue.h"
#include "metrics/metrics_collection.h"
#include "workload/trial_engine.h"

namespace qalam::controller {

/// Launches a trial's workload, has its metrics collected, reads them back and sets the conditions:
///
///   created -> Running -> Succeeded | Failed | MetricsUnavailable | Killed | EarlyStopped
///
/// A trial is marked EarlyStopped when the early stopper has condemned it, or from outside, and then has its observation
/// read once its program has ended.
///
/// A trial whose labels name a parent (algorithms/trial_labels.h) is launched when the parent's program has ended and its
/// checkpoint is copied; when that can never be, the trial fails with the job's reason CheckpointUnavailable.
///
/// A trial whose variables come from a secret or a config map that is not there waits for it: its condition Created and an event say which.
///
/// A trial without a verdict whose workload the engine does not know (it was lost with an earlier process) loses its
/// half-written observations and is launched again with the same parameters under the same name.
///
/// Threads: the event loop's thread only.
class TrialReconciler {
 public:
  struct Dependencies {
    EventLoop& loop;
    api::ResourceStore& store;
    ResourceCache& experiments;
    ResourceCache& trials;
    ServiceDirectory& services;
    workload::TrialEngine& engine;
    metrics::MetricsCollection& collection;
    EventRecorder& events;
    EarlyStopper& stopper;
    RuleRefresher& refresher;
    TrialReporting& reporting;
  };

  explicit TrialReconciler(Dependencies dependencies);
  ~TrialReconciler();

  ReconcileResult Reconcile(const api::ObjectKey& key);

  /// Tells that the trial was there when this process started.
  void MarkRestored(const api::Trial& trial);

  /// No workload is launched from now on, and those that end are taken as interrupted: their trials keep their state
  /// and run again with the next start.
  void Interrupt() { interrupted_ = true; }

  /// Called when an asynchronous step of a trial is done and it needs another pass.
  void SetWakeUp(std::function<void(const api::ObjectKey&)> wake_up) { wake_up_ = std::move(wake_up); }

 private:
  enum class Step { kIdle, kBusy, kDone };  // of an asynchronous action

  // What is going on with a trial in this process; rebuilt from nothing after a restart.
  struct Progress {
    std::string uid;
    Step cleaning = Step::kIdle;    // observations of a lost run
    Step collecting = Step::kIdle;  // reading the rest of the output, then the observation
    Step copying = Step::kIdle;     // its parent's checkpoint
    absl::Status copied;            // how that ended
    Step deleting = Step::kIdle;    // observations of a trial that is being deleted
    int attempt = 0;                // the attempt whose output is followed
    bool restored = false;          // existed before this process: a run of it may have been lost
    absl::Status error;             // of the last asynchronous action; reported by the next pass
    metrics::CollectionSummary summary;
    std::optional<api::Observation> observation;
  };

  void Forget(const api::ObjectKey& key);
  ReconcileResult MarkEarlyStopped(const api::Trial& trial, const std::string& why);
  ReconcileResult Delete(const api::Trial& trial, Progress& progress);
  ReconcileResult Launch(const api::Trial& trial, Progress& progress);
  /// Whether the trial has the checkpoint it begins with. If not, `wait` is what the pass says.
  bool HasCheckpoint(const api::Trial& trial, Progress& progress, ReconcileResult& wait);
  /// The runtime that a TrainJob names, stored or built in; empty when there is none.
  absl::StatusOr<api::JsonText> RuntimeFor(const api::Trial& trial) const;
  ReconcileResult WaitForEnvironment(const api::Trial& trial, const std::string& what);
  ReconcileResult FailToLaunch(const api::Trial& trial, std::string_view reason, std::string_view why);
  ReconcileResult Follow(const api::Trial& trial, const workload::RunState& state, Progress& progress);
  ReconcileResult Conclude(const api::Trial& trial, const workload::RunState& state, Progress& progress);
  absl::Status StartCollection(const api::Trial& trial, const workload::RunState& state, Progress& progress);
  void Collect(const api::Trial& trial, Progress& progress);
  void ReadObservation(const api::ObjectKey& key, const std::string& uid);
  void Clean(const api::Trial& trial, Progress& progress);
  void DeleteObservations(const api::ObjectKey& key, const std::string& uid, Step Progress::*step);
  /// Writes into the trial's annotations how its attempts went; true if there was anything to write.
  absl::StatusOr<bool> RecordAttempts(const api::Trial& trial, const workload::RunState& state);
  absl::Status WriteStatus(const api::Trial& trial, api::TrialStatus status);
  Progress* Find(const api::ObjectKey& key, const std::string& uid);
  void Finish(const api::ObjectKey& key, const std::string& uid, Step Progress::*step,
              const absl::Status& status);

  Dependencies to_;
  std::function<void(const api::ObjectKey&)> wake_up_ = [](const api::ObjectKey&) {};
  std::map<api::ObjectKey, Progress> progress_;
  bool interrupted_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace qalam::controller
