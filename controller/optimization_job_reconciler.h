// Runs an OptimizationJob as an Experiment of the same name that it owns, and tells in its status how that
// goes.
#pragma once

#include "api/optimization_job.h"
#include "controller/event_recorder.h"
#include "controller/resource_cache.h"
#include "controller/trial_index.h"
#include "controller/work_queue.h"

namespace qalam::controller {

/// One pass: the Experiment, created, or brought to the numbers of trials that the job asks for now; then
/// conditions, the result so far and the record of every trial. A job that is deleted takes its Experiment
/// with it, because it owns it. An Experiment of that name that the job does not own makes the job fail.
///
/// Threads: the event loop's thread only.
class OptimizationJobReconciler {
 public:
  struct Dependencies {
    EventLoop& loop;
    api::ResourceStore& store;
    ResourceCache& jobs;
    ResourceCache& experiments;
    TrialIndex& trial_index;
    EventRecorder& events;
  };

  explicit OptimizationJobReconciler(Dependencies dependencies) : to_(dependencies) {}

  ReconcileResult Reconcile(const api::ObjectKey& key);

 private:
  absl::Status CreateExperiment(const api::OptimizationJob& job);
  absl::Status Follow(const api::OptimizationJob& job, const api::Experiment& experiment);
  absl::Status WriteStatus(const api::OptimizationJob& job, api::OptimizationJobStatus status);

  Dependencies to_;
};

}  // namespace qalam::controller
