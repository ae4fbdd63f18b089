#include "controller/trial_reconciler.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/times.h"
#include "api/trial_facts.h"
#include "controller/experiment_progress.h"
#include "controller/observation.h"
#include "controller/vocabulary.h"

namespace qalam::controller {
namespace {

using workload::RunPhase;
using workload::RunState;
using workload::TrialRef;

constexpr std::string_view kComponent = "trial-controller";

TrialRef RefOf(const api::Trial& trial) {
  return {trial.metadata.namespace_name, trial.metadata.name, trial.metadata.uid};
}

// Names are unique in their namespace only, and may be used again after a deletion; uids are unique for good.
const std::string& ObservationKey(const api::Trial& trial) { return trial.metadata.uid; }

std::string ExperimentOf(const api::Trial& trial) {
  const auto label = trial.metadata.labels.find(kExperimentLabel);
  return label == trial.metadata.labels.end() ? std::string() : label->second;
}

std::string WithJob(std::string_view text, std::string_view what, std::string_view detail) {
  return detail.empty() ? std::string(text) : fmt::format("{}. Job {}: {}", text, what, detail);
}

// Why there is no usable objective, with the evidence.
std::string MissingMetricsText(const api::Trial& trial, const metrics::CollectionSummary& summary,
                               const std::optional<api::Observation>& observation) {
  const std::string& objective = trial.spec.objective.objective_metric_name;
  const std::string_view text =
      observation ? api::MetricText(trial.spec.objective, *observation, objective) : std::string_view();
  if (!text.empty() && text != api::kUnavailable) {
    return fmt::format("objective {} was reported as \"{}\", which is not a finite number", objective, text);
  }
  if (summary.bytes == 0)
    return fmt::format("objective {} was never reported: there was no output", objective);
  std::string message =
      fmt::format("objective {} was never reported in {} lines of output", objective, summary.lines);
  if (!summary.filter.empty()) message += fmt::format("; the filter was {}", summary.filter);
  if (!summary.last_lines.empty())
    message += fmt::format("; the last line was \"{}\"", summary.last_lines.back());
  return message;
}

// Programs say on their last line why they give up.
std::string WithLastLine(const std::string& message, const metrics::CollectionSummary& summary) {
  if (summary.last_lines.empty()) return message;
  return fmt::format("{}; the last line of output was \"{}\"", message, summary.last_lines.back());
}

}  // namespace

TrialReconciler::TrialReconciler(Dependencies dependencies) : to_(dependencies) {}
TrialReconciler::~TrialReconciler() { *alive_ = false; }

void TrialReconciler::MarkRestored(const api::Trial& trial) {
  if (api::IsFinished(api::StateOf(trial))) return;
  progress_[trial.key()] = {.uid = trial.metadata.uid, .restored = true};
}

ReconcileResult TrialReconciler::Reconcile(const api::ObjectKey& key) {
  const TrialPtr trial = to_.trials.Find<api::Trial>(key);
  if (trial == nullptr) {
    progress_.erase(key);
    return {};
  }
  Progress& progress = progress_[key];
  if (progress.uid != trial->metadata.uid) progress = {.uid = trial->metadata.uid};
  if (!progress.error.ok()) return std::exchange(progress.error, absl::OkStatus());
  if (trial->metadata.deletion_timestamp) return Delete(*trial, progress);

  const TrialRef ref = RefOf(*trial);
  const api::TrialState known = api::StateOf(*trial);
  const RunState state = to_.engine.Observe(ref);
  const bool ended = state.phase == RunPhase::kSucceeded || state.phase == RunPhase::kFailed ||
                     state.phase == RunPhase::kStopped;

  if (known == api::TrialState::kEarlyStopped && !trial->status.observation) {
    if (ended || state.phase == RunPhase::kAbsent) return Conclude(*trial, state, progress);
    to_.engine.Stop(ref);
    return {};
  }
  if (IsFinished(known)) {
    to_.collection.Cancel(ObservationKey(*trial));
    if (!trial->spec.retain_run || !ended) to_.engine.Remove(ref);
    progress_.erase(key);
    return {};
  }
  if (interrupted_ && !ended) return {};
  if (state.phase == RunPhase::kAbsent) return Launch(*trial, progress);
  if (ended) return Conclude(*trial, state, progress);
  return Follow(*trial, state, progress);
}

ReconcileResult TrialReconciler::Delete(const api::Trial& trial, Progress& progress) {
  to_.collection.Cancel(ObservationKey(trial));
  to_.engine.Remove(RefOf(trial));
  auto& finalizers = trial.metadata.finalizers;
  if (std::find(finalizers.begin(), finalizers.end(), kTrialFinalizer) == finalizers.end()) return {};
  if (progress.deleting == Step::kIdle)
    DeleteObservations(trial.key(), trial.metadata.uid, &Progress::deleting);
  if (progress.deleting != Step::kDone) return {};

  QALAM_RETURN_IF_ERROR(to_.engine.DeleteFiles(RefOf(trial), ExperimentOf(trial)));
  api::Trial released = trial;
  std::erase(released.metadata.finalizers, kTrialFinalizer);
  const auto written = to_.store.Update(released);
  return absl::IsNotFound(written.status()) ? absl::OkStatus() : written.status();
}

ReconcileResult TrialReconciler::Launch(const api::Trial& trial, Progress& progress) {
  const bool lost = progress.restored || progress.attempt > 0 || IsTrue(trial.status.conditions, kRunning);
  if (lost && progress.cleaning != Step::kDone) {
    to_.collection.Cancel(ObservationKey(trial));
    if (progress.cleaning == Step::kIdle) DeleteObservations(trial.key(), progress.uid, &Progress::cleaning);
    return {};
  }
  workload::LaunchRequest request{.trial = RefOf(trial),
                                  .experiment = ExperimentOf(trial),
                                  .run_spec = trial.spec.run_spec,
                                  .primary_container = trial.spec.primary_container_name};
  const auto experiment =
      to_.experiments.Find<api::Experiment>({trial.metadata.namespace_name, request.experiment});
  if (experiment) request.parallel_trial_count = experiment->spec.parallel_trial_count.value_or(1);
  const api::MetricsCollectorSpec& collector = trial.spec.metrics_collector;
  if (collector.kind == api::CollectorKind::kFile && collector.source && collector.source->file_system_path) {
    request.metrics_file = collector.source->file_system_path->path;
  }

  const absl::Status launched = to_.engine.Launch(request);
  api::TrialStatus status = trial.status;
  const absl::Time now = to_.loop.Now();
  if (!status.start_time) status.start_time = api::WholeSeconds(now);
  SetCondition(status.conditions, kCreated, true, "TrialCreated", "Trial is created", now);
  if (absl::IsInvalidArgument(launched)) {
    SetCondition(status.conditions, kFailed, true, "TrialFailed. Job reason: InvalidTemplate",
                 fmt::format("Trial has failed. Job message: {}", MessageOf(launched)), now);
    status.completion_time = api::WholeSeconds(now);
    return WriteStatus(trial, std::move(status));
  }
  if (!launched.ok()) {
    WriteStatus(trial, std::move(status)).IgnoreError();
    return launched;
  }
  to_.events.Normal(trial, kComponent, "JobCreated",
                    fmt::format("Job {} has been created", trial.metadata.name));
  progress.restored = false;
  progress.cleaning = Step::kIdle;
  return Follow(trial, to_.engine.Observe(request.trial), progress);
}

ReconcileResult TrialReconciler::Follow(const api::Trial& trial, const RunState& state, Progress& progress) {
  QALAM_RETURN_IF_ERROR(StartCollection(trial, state, progress));
  if (IsTrue(trial.status.conditions, kRunning)) return {};
  api::TrialStatus status = trial.status;
  const absl::Time now = to_.loop.Now();
  if (!status.start_time) status.start_time = api::WholeSeconds(now);
  SetCondition(status.conditions, kCreated, true, "TrialCreated", "Trial is created", now);
  SetCondition(status.conditions, kRunning, true, "TrialRunning", "Trial is running", now);
  return WriteStatus(trial, std::move(status));
}

absl::Status TrialReconciler::StartCollection(const api::Trial& trial, const RunState& state,
                                              Progress& progress) {
  if (state.attempt == progress.attempt || state.attempt == 0) return absl::OkStatus();
  if (progress.attempt != 0) {
    // A retry of the same job: what the attempt before has reported does not count.
    to_.collection.Cancel(ObservationKey(trial));
    if (progress.cleaning == Step::kIdle) DeleteObservations(trial.key(), progress.uid, &Progress::cleaning);
    if (progress.cleaning != Step::kDone) return absl::OkStatus();
    progress.cleaning = Step::kIdle;
  }
  QALAM_ASSIGN_OR_RETURN(const workload::TrialOutput output, to_.engine.Output(RefOf(trial)));
  QALAM_RETURN_IF_ERROR(to_.collection.Start({.trial_key = ObservationKey(trial),
                                              .log_file = output.log_file,
                                              .log_offset = output.log_offset,
                                              .metrics_file = output.metrics_file,
                                              .objective = trial.spec.objective,
                                              .collector = trial.spec.metrics_collector}));
  progress.attempt = state.attempt;
  return absl::OkStatus();
}

ReconcileResult TrialReconciler::Conclude(const api::Trial& trial, const RunState& state,
                                          Progress& progress) {
  const bool early_stopped = IsTrue(trial.status.conditions, kEarlyStopped);
  // Stopped by nobody's verdict: interrupted. It runs again with the next start.
  if (state.phase == RunPhase::kStopped && !early_stopped) return {};

  QALAM_RETURN_IF_ERROR(
      StartCollection(trial, state, progress));  // of a run that ended before it was followed
  if (state.attempt != progress.attempt) return {};
  if (progress.collecting == Step::kIdle) Collect(trial, progress);
  if (progress.collecting != Step::kDone) return {};

  api::TrialStatus status = trial.status;
  const absl::Time now = to_.loop.Now();
  const std::string& name = trial.metadata.name;
  SetCondition(status.conditions, kCreated, true, "TrialCreated", "Trial is created", now);
  if (!status.start_time) status.start_time = api::WholeSeconds(now);
  if (early_stopped || state.phase == RunPhase::kSucceeded) status.observation = progress.observation;
  const bool available =
      status.observation && api::ObjectiveValue(trial.spec.objective, *status.observation).has_value();
  if (!early_stopped) {
    ClearCondition(status.conditions, kRunning, now);
    status.completion_time = api::WholeSeconds(now);
  }
  if (state.phase == RunPhase::kFailed && !early_stopped) {
    const std::string message = WithLastLine(state.message, progress.summary);
    SetCondition(status.conditions, kFailed, true, WithJob("TrialFailed", "reason", state.reason),
                 WithJob("Trial has failed", "message", message), now);
    to_.events.Normal(trial, kComponent, "JobFailed",
                      WithJob(fmt::format("Job {} has failed", name), "message", message));
  } else if (!available) {
    const std::string why = MissingMetricsText(trial, progress.summary, progress.observation);
    SetCondition(status.conditions, kMetricsUnavailable, true,
                 WithJob("MetricsUnavailable", "reason", state.reason),
                 fmt::format("Metrics are not available: {}", why), now);
    to_.events.Warning(trial, kComponent, "MetricsUnavailable",
                       fmt::format("Metrics are not available for Job {}: {}", name, why));
    if (early_stopped && !status.observation) status.observation.emplace();
  } else if (!early_stopped) {
    SetCondition(status.conditions, kSucceeded, true, WithJob("TrialSucceeded", "reason", state.reason),
                 WithJob("Trial has succeeded", "message", state.message), now);
    to_.events.Normal(trial, kComponent, "JobSucceeded", fmt::format("Job {} has succeeded", name));
  }
  return WriteStatus(trial, std::move(status));
}

void TrialReconciler::Collect(const api::Trial& trial, Progress& progress) {
  progress.collecting = Step::kBusy;
  to_.collection.Finish(ObservationKey(trial),
                        [this, alive = alive_, key = trial.key(),
                         uid = trial.metadata.uid](absl::StatusOr<metrics::CollectionSummary> summary) {
                          if (!*alive) return;
                          Progress* found = Find(key, uid);
                          if (found == nullptr || absl::IsCancelled(summary.status())) return;
                          if (!summary.ok()) return Finish(key, uid, &Progress::collecting, summary.status());
                          found->summary = *std::move(summary);
                          ReadObservation(key, uid);
                        });
}

void TrialReconciler::ReadObservation(const api::ObjectKey& key, const std::string& uid) {
  wire::GetObservationLogRequest request;
  request.set_trial_name(uid);
  to_.services.Observations()->Get(
      request, [this, alive = alive_, key, uid](absl::StatusOr<wire::GetObservationLogReply> reply) {
        if (!*alive) return;
        Progress* found = Find(key, uid);
        const TrialPtr trial = to_.trials.Find<api::Trial>(key);
        if (found == nullptr || trial == nullptr) return;
        absl::Status status = reply.status();
        if (status.ok()) {
          auto observation = Summarise(reply->observation_log(), trial->spec.objective);
          status = observation.status();
          if (status.ok()) found->observation = *std::move(observation);
        }
        Finish(key, uid, &Progress::collecting, status);
      });
}

void TrialReconciler::DeleteObservations(const api::ObjectKey& key, const std::string& uid,
                                         Step Progress::*step) {
  Find(key, uid)->*step = Step::kBusy;
  wire::DeleteObservationLogRequest request;
  request.set_trial_name(uid);
  to_.services.Observations()->Delete(
      request, [this, alive = alive_, key, uid, step](absl::StatusOr<wire::DeleteObservationLogReply> reply) {
        if (*alive) Finish(key, uid, step, reply.status());
      });
}

TrialReconciler::Progress* TrialReconciler::Find(const api::ObjectKey& key, const std::string& uid) {
  const auto found = progress_.find(key);
  return found == progress_.end() || found->second.uid != uid ? nullptr : &found->second;
}

void TrialReconciler::Finish(const api::ObjectKey& key, const std::string& uid, Step Progress::*step,
                             const absl::Status& status) {
  Progress* progress = Find(key, uid);
  if (progress == nullptr) return;
  progress->*step = status.ok() ? Step::kDone : Step::kIdle;
  progress->error = status;
  wake_up_(key);
}

absl::Status TrialReconciler::WriteStatus(const api::Trial& trial, api::TrialStatus status) {
  api::Trial changed = trial;
  changed.status = std::move(status);
  QALAM_ASSIGN_OR_RETURN(const api::ResourcePtr written, to_.store.UpdateStatus(changed));
  to_.trials.Put(written);
  return absl::OkStatus();
}

}  // namespace qalam::controller
