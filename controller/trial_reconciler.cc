#include "controller/trial_reconciler.h"

#include <fmt/format.h>

#include <algorithm>

#include "algorithms/trial_labels.h"
#include "api/codec.h"
#include "api/data_source.h"
#include "api/metrics_place.h"
#include "api/times.h"
#include "api/train_job.h"
#include "api/trial_attempts.h"
#include "api/trial_facts.h"
#include "controller/experiment_progress.h"
#include "controller/missing_metrics.h"
#include "controller/observation.h"
#include "controller/text_result.h"
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

std::string ExperimentOf(const api::Trial& trial) { return TrialIndex::ExperimentOf(trial).name; }

std::string WithJob(std::string_view text, std::string_view what, std::string_view detail) {
  return detail.empty() ? std::string(text) : fmt::format("{}. Job {}: {}", text, what, detail);
}

// How often a trial looks whether its parent has ended. Algorithms name parents that have, so this is rare.
constexpr absl::Duration kParentInterval = absl::Seconds(1);

// How often a trial looks for the secret or config map that its variables come from.
constexpr absl::Duration kEnvironmentInterval = absl::Seconds(1);

// What templates call the checkpoint directory: the volume that Katib mounts for population-based training.
std::string CheckpointPath(const api::Experiment& experiment) {
  if (!experiment.spec.algorithm) return {};
  std::string path;
  for (const api::AlgorithmSetting& setting : experiment.spec.algorithm->algorithm_settings) {
    if (setting.name == kTrialDirSetting) path = setting.value;
  }
  while (path.ends_with('/')) path.pop_back();
  return path.starts_with('/') ? path : std::string();
}

bool ReportsByItself(const api::Trial& trial) {
  const api::CollectorKind kind = trial.spec.metrics_collector.kind;
  return kind == api::CollectorKind::kPush || kind == api::CollectorKind::kCustom;
}

// Programs say on their last line why they give up.
std::string WithLastLine(const std::string& message, const metrics::CollectionSummary& summary) {
  if (summary.last_lines.empty()) return message;
  return fmt::format("{}; the last line of output was \"{}\"", message, summary.last_lines.back());
}

void MarkCreated(api::TrialStatus& status, absl::Time now) {
  if (!status.start_time) status.start_time = api::WholeSeconds(now);
  SetCondition(status.conditions, kCreated, true, "TrialCreated", "Trial is created", now);
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
    Forget(key);
    return {};
  }
  if (const auto found = progress_.find(key);
      found != progress_.end() && found->second.uid != trial->metadata.uid) {
    Forget(key);  // another trial had the name before
  }
  Progress& progress = progress_[key];
  progress.uid = trial->metadata.uid;
  if (!progress.error.ok()) return std::exchange(progress.error, absl::OkStatus());
  if (trial->metadata.deletion_timestamp) return Delete(*trial, progress);

  const TrialRef ref = RefOf(*trial);
  const api::TrialState known = api::StateOf(*trial);
  const RunState state = to_.engine.Observe(ref);
  const bool ended = state.phase == RunPhase::kSucceeded || state.phase == RunPhase::kFailed ||
                     state.phase == RunPhase::kStopped;

  if (const std::string* why = to_.stopper.Verdict(progress.uid); why != nullptr && !IsFinished(known)) {
    return MarkEarlyStopped(*trial, *why);
  }
  if (api::AwaitsObservation(*trial)) {
    if (ended || state.phase == RunPhase::kAbsent) return Conclude(*trial, state, progress);
    to_.engine.Stop(ref);
    return {};
  }
  if (IsFinished(known)) {
    to_.collection.Cancel(ObservationKey(*trial));
    to_.reporting.Close(ObservationKey(*trial), [] {});
    if (!trial->spec.retain_run || !ended) to_.engine.Remove(ref);
    Forget(key);
    return {};
  }
  if (interrupted_ && !ended) return {};
  if (state.phase == RunPhase::kAbsent) return Launch(*trial, progress);
  if (state.phase != RunPhase::kStopped) {
    QALAM_ASSIGN_OR_RETURN(const bool written, RecordAttempts(*trial, state));
    if (written) return {};  // the write brings the next pass
  }
  if (ended) return Conclude(*trial, state, progress);
  return Follow(*trial, state, progress);
}

void TrialReconciler::Forget(const api::ObjectKey& key) {
  const auto found = progress_.find(key);
  if (found == progress_.end()) return;
  to_.stopper.Forget(found->second.uid);
  progress_.erase(found);
}

ReconcileResult TrialReconciler::MarkEarlyStopped(const api::Trial& trial, const std::string& why) {
  api::TrialStatus status = trial.status;
  const absl::Time now = to_.loop.Now();
  MarkCreated(status, now);
  SetCondition(status.conditions, kRunning, true, "TrialRunning", "Trial is running", now);
  SetCondition(status.conditions, kEarlyStopped, true, kReasonTrialEarlyStopped, why, now);
  QALAM_RETURN_IF_ERROR(WriteStatus(trial, std::move(status)));
  to_.events.Normal(trial, kComponent, kReasonTrialEarlyStopped, why);
  return {};
}

ReconcileResult TrialReconciler::Delete(const api::Trial& trial, Progress& progress) {
  to_.stopper.Forget(trial.metadata.uid);
  to_.collection.Cancel(ObservationKey(trial));
  to_.reporting.Close(ObservationKey(trial), [] {});
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
    Clean(trial, progress);
    return {};
  }
  if (ReconcileResult wait; !HasCheckpoint(trial, progress, wait)) return wait;
  workload::LaunchRequest request{.trial = RefOf(trial),
                                  .experiment = ExperimentOf(trial),
                                  .run_spec = trial.spec.run_spec,
                                  .primary_container = trial.spec.primary_container_name};
  const auto experiment =
      to_.experiments.Find<api::Experiment>({trial.metadata.namespace_name, request.experiment});
  if (experiment) {
    request.parallel_trial_count = experiment->spec.parallel_trial_count.value_or(1);
    request.checkpoint_path = CheckpointPath(*experiment);
  }
  const api::MetricsCollectorSpec& collector = trial.spec.metrics_collector;
  if (collector.kind == api::CollectorKind::kCustom) request.collector = collector.custom_collector;
  api::MetricsPlace place = api::PlaceOf(collector);
  request.metrics_file = std::move(place.file);
  request.metrics_directory = std::move(place.directory);
  request.metrics_port = place.port;

  if (ReportsByItself(trial)) {
    QALAM_ASSIGN_OR_RETURN(request.environment, to_.reporting.Grant(trial));
  }

  QALAM_ASSIGN_OR_RETURN(request.runtime, RuntimeFor(trial));
  request.data = [this, name_space = trial.metadata.namespace_name](api::Kind kind, const std::string& name) {
    return api::DataOf(to_.store, kind, {name_space, name});
  };

  const absl::Status launched = to_.engine.Launch(request);
  if (absl::IsFailedPrecondition(launched))
    return WaitForEnvironment(trial, std::string(MessageOf(launched)));
  if (absl::IsInvalidArgument(launched)) return FailToLaunch(trial, "InvalidTemplate", MessageOf(launched));
  if (!launched.ok()) {
    api::TrialStatus status = trial.status;
    MarkCreated(status, to_.loop.Now());
    WriteStatus(trial, std::move(status)).IgnoreError();
    return launched;
  }
  to_.events.Normal(trial, kComponent, "JobCreated",
                    fmt::format("Job {} has been created", trial.metadata.name));
  progress.restored = false;
  progress.cleaning = Step::kIdle;
  progress.copying = Step::kIdle;
  return Follow(trial, to_.engine.Observe(request.trial), progress);
}

absl::StatusOr<api::JsonText> TrialReconciler::RuntimeFor(const api::Trial& trial) const {
  const std::optional<api::RuntimeRef> ref = api::RuntimeOf(trial.spec.run_spec);
  if (!ref) return api::JsonText();
  const std::string name_space = api::IsNamespaced(ref->kind) ? trial.metadata.namespace_name : "";
  const absl::StatusOr<api::ResourcePtr> stored = to_.store.Get(ref->kind, {name_space, ref->name});
  if (stored.ok()) return api::JsonText{api::ToJson(**stored)};
  if (!absl::IsNotFound(stored.status())) return stored.status();
  for (const api::ClusterTrainingRuntime& runtime : api::BuiltInRuntimes()) {
    if (ref->kind == runtime.kind() && ref->name == runtime.metadata.name)
      return api::JsonText{api::ToJson(runtime)};
  }
  return api::JsonText();
}

ReconcileResult TrialReconciler::WaitForEnvironment(const api::Trial& trial, const std::string& what) {
  const api::Condition* created = api::FindCondition(trial.status.conditions, kCreated);
  if (created == nullptr || created->reason != api::kReasonWaitsForEnvironment || created->message != what) {
    api::TrialStatus status = trial.status;
    const absl::Time now = to_.loop.Now();
    if (!status.start_time) status.start_time = api::WholeSeconds(now);
    api::RemoveCondition(status.conditions, kCreated);
    SetCondition(status.conditions, kCreated, true, api::kReasonWaitsForEnvironment, what, now);
    QALAM_RETURN_IF_ERROR(WriteStatus(trial, std::move(status)));
    to_.events.Warning(trial, kComponent, api::kReasonWaitsForEnvironment, what);
  }
  return ReconcileResult::After(kEnvironmentInterval);
}

ReconcileResult TrialReconciler::FailToLaunch(const api::Trial& trial, std::string_view reason,
                                              std::string_view why) {
  api::TrialStatus status = trial.status;
  const absl::Time now = to_.loop.Now();
  MarkCreated(status, now);
  SetCondition(status.conditions, kFailed, true, WithJob("TrialFailed", "reason", reason),
               WithJob("Trial has failed", "message", why), now);
  status.completion_time = api::WholeSeconds(now);
  return WriteStatus(trial, std::move(status));
}

bool TrialReconciler::HasCheckpoint(const api::Trial& trial, Progress& progress, ReconcileResult& wait) {
  constexpr std::string_view kReason = "CheckpointUnavailable";
  const std::string parent_name(algorithms::ParentIn(trial.metadata.labels));
  if (parent_name.empty() || progress.copying == Step::kDone) return true;
  if (progress.copying == Step::kBusy) return false;
  if (const absl::Status error = std::exchange(progress.copied, absl::OkStatus()); !error.ok()) {
    if (absl::IsNotFound(error) || absl::IsInvalidArgument(error)) {
      wait = FailToLaunch(trial, kReason,
                          fmt::format("the checkpoint of its parent {}: {}", parent_name, MessageOf(error)));
      return false;
    }
    api::TrialStatus status = trial.status;
    if (!status.start_time) status.start_time = api::WholeSeconds(to_.loop.Now());
    SetCondition(status.conditions, kCreated, true, "CheckpointDelayed",
                 fmt::format("Trial waits for the checkpoint of its parent {}: {}; trying again", parent_name,
                             MessageOf(error)),
                 to_.loop.Now());
    const absl::Status written =
        status == trial.status ? absl::OkStatus() : WriteStatus(trial, std::move(status));
    wait = written.ok() ? error : written;
    return false;
  }
  const TrialPtr parent = to_.trials.Find<api::Trial>({trial.metadata.namespace_name, parent_name});
  if (parent == nullptr || ExperimentOf(*parent) != ExperimentOf(trial) ||
      parent->metadata.uid == trial.metadata.uid) {
    wait = FailToLaunch(trial, kReason,
                        fmt::format("its parent {} is no other trial of this experiment", parent_name));
    return false;
  }
  const RunPhase phase = to_.engine.Observe(RefOf(*parent)).phase;
  if (!api::IsFinished(api::StateOf(*parent)) || phase == RunPhase::kPending || phase == RunPhase::kRunning) {
    wait = ReconcileResult::After(kParentInterval);
    return false;
  }
  progress.copying = Step::kBusy;
  to_.engine.CopyCheckpoint(
      RefOf(trial), ExperimentOf(trial), parent_name,
      [this, alive = alive_, key = trial.key(), uid = trial.metadata.uid](const absl::Status& status) {
        if (!*alive) return;
        Progress* found = Find(key, uid);
        if (found == nullptr) return;
        found->copied = status;
        found->copying = status.ok() ? Step::kDone : Step::kIdle;
        wake_up_(key);
      });
  return false;
}

ReconcileResult TrialReconciler::Follow(const api::Trial& trial, const RunState& state, Progress& progress) {
  QALAM_RETURN_IF_ERROR(StartCollection(trial, state, progress));
  if (IsTrue(trial.status.conditions, kRunning)) return {};
  api::TrialStatus status = trial.status;
  const absl::Time now = to_.loop.Now();
  MarkCreated(status, now);
  SetCondition(status.conditions, kRunning, true, "TrialRunning", "Trial is running", now);
  return WriteStatus(trial, std::move(status));
}

absl::Status TrialReconciler::StartCollection(const api::Trial& trial, const RunState& state,
                                              Progress& progress) {
  if (state.attempt == progress.attempt || state.attempt == 0) return absl::OkStatus();
  if (progress.attempt != 0) {
    // A retry of the same job: what the attempt before has reported does not count.
    Clean(trial, progress);
    if (progress.cleaning != Step::kDone) return absl::OkStatus();
    progress.cleaning = Step::kIdle;
  }
  QALAM_ASSIGN_OR_RETURN(const workload::TrialOutput output, to_.engine.Output(RefOf(trial)));
  to_.stopper.Watch(trial);
  QALAM_RETURN_IF_ERROR(to_.collection.Start({.trial_key = ObservationKey(trial),
                                              .log_file = output.log_file,
                                              .log_offset = output.log_offset,
                                              .metrics_file = output.metrics_file,
                                              .metrics_directory = output.metrics_directory,
                                              .metrics_port = output.metrics_port,
                                              .collector_log_file = output.collector_log_file,
                                              .collector_log_offset = output.collector_log_offset,
                                              .objective = trial.spec.objective,
                                              .collector = trial.spec.metrics_collector,
                                              .watch_at_once = to_.stopper.Watches(trial)}));
  to_.reporting.Open(ObservationKey(trial));
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
  MarkCreated(status, now);
  if (early_stopped || state.phase == RunPhase::kSucceeded) status.observation = progress.observation;
  const bool available =
      status.observation && (api::ObjectiveValue(trial.spec.objective, *status.observation).has_value() ||
                             HasTextResult(trial, *status.observation));
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
    const std::string why = MissingMetricsText(trial, progress.summary, progress.observation,
                                               to_.reporting.address(), state.collector_end);
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
  QALAM_RETURN_IF_ERROR(WriteStatus(trial, std::move(status)));
  to_.stopper.Forget(progress.uid);
  to_.refresher.TrialEnded(TrialIndex::ExperimentOf(trial));
  return {};
}

void TrialReconciler::Collect(const api::Trial& trial, Progress& progress) {
  progress.collecting = Step::kBusy;
  const auto summarised = [this, alive = alive_, key = trial.key(),
                           uid = trial.metadata.uid](absl::StatusOr<metrics::CollectionSummary> summary) {
    if (!*alive) return;
    Progress* found = Find(key, uid);
    if (found == nullptr || absl::IsCancelled(summary.status())) return;
    if (!summary.ok()) return Finish(key, uid, &Progress::collecting, summary.status());
    found->summary = *std::move(summary);
    ReadObservation(key, uid);
  };
  const auto finish = [this, alive = alive_, key = ObservationKey(trial), summarised] {
    if (*alive) to_.collection.Finish(key, summarised);
  };
  to_.reporting.Close(ObservationKey(trial), finish);
}

// What a lost or failed run has reported does not count. Another one is on its way, and its reports wait.
void TrialReconciler::Clean(const api::Trial& trial, Progress& progress) {
  to_.collection.Cancel(ObservationKey(trial));
  if (progress.cleaning != Step::kIdle) return;
  progress.cleaning = Step::kBusy;
  const auto remove = [this, alive = alive_, key = trial.key(), uid = progress.uid] {
    if (*alive && Find(key, uid) != nullptr) DeleteObservations(key, uid, &Progress::cleaning);
  };
  to_.reporting.Hold(ObservationKey(trial), remove);
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

absl::StatusOr<bool> TrialReconciler::RecordAttempts(const api::Trial& trial, const RunState& state) {
  api::TrialAttempts attempts;
  if (state.attempt > 1 || state.phase == RunPhase::kFailed || !state.last_failure.empty()) {
    attempts = {.started = state.attempt, .exit_code = state.exit_code, .last_failure = state.last_failure};
    if (state.next_attempt > absl::InfinitePast()) attempts.next = state.next_attempt;
    const api::TrialAttempts known = api::AttemptsOf(trial);
    const bool same = known.started == state.attempt;
    attempts.output_begins = known.output_begins;
    attempts.previous_output_begins = same ? known.previous_output_begins : known.output_begins;
    // While the next attempt is waited for, and after the end, the output begins where it did.
    if (const auto output = to_.engine.Output(RefOf(trial)); output.ok())
      attempts.output_begins = output->log_offset;
  }
  api::Trial changed = trial;
  if (!SetAttempts(attempts, changed)) return false;
  QALAM_ASSIGN_OR_RETURN(const api::ResourcePtr written, to_.store.Update(changed));
  to_.trials.Put(written);
  return true;
}

absl::Status TrialReconciler::WriteStatus(const api::Trial& trial, api::TrialStatus status) {
  api::Trial changed = trial;
  changed.status = std::move(status);
  QALAM_ASSIGN_OR_RETURN(const api::ResourcePtr written, to_.store.UpdateStatus(changed));
  to_.trials.Put(written);
  return absl::OkStatus();
}

}  // namespace qalam::controller
