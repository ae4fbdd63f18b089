#include "controller/optimization_job_reconciler.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/defaults.h"
#include "api/optimization_conversion.h"
#include "api/times.h"
#include "controller/vocabulary.h"

namespace qalam::controller {
namespace {

constexpr std::string_view kComponent = "optimizationjob-controller";
constexpr std::string_view kComplete = "Complete";

bool Owns(const api::OptimizationJob& job, const api::Experiment& experiment) {
  const auto& owners = experiment.metadata.owner_references;
  return std::any_of(owners.begin(), owners.end(),
                     [&](const api::OwnerReference& owner) { return owner.uid == job.metadata.uid; });
}

// The kind's conditions are Kubernetes' own, which have no lastUpdateTime.
void Set(api::Conditions& conditions, std::string_view type, std::string_view reason,
         std::string_view message, absl::Time now) {
  SetCondition(conditions, type, true, reason, message, now);
  for (api::Condition& condition : conditions) condition.last_update_time = absl::InfinitePast();
}

api::TrialRecord RecordOf(const TrialFacts& facts) {
  const api::Trial& trial = *facts.trial;
  api::TrialRecord record{.train_job_name = trial.metadata.name,
                          .parameters = trial.spec.parameter_assignments,
                          .creation_time = trial.metadata.creation_timestamp,
                          .completion_time = trial.status.completion_time};
  switch (facts.state) {
    case api::TrialState::kPending:
    case api::TrialState::kRunning:
      record.state = "Running";
      break;
    case api::TrialState::kSucceeded:
      record.state = "Succeeded";
      break;
    case api::TrialState::kEarlyStopped:
      record.state = "EarlyStopped";
      break;
    case api::TrialState::kFailed:
      record.state = "Failed";
      record.reason = "TrainJobFailed";
      break;
    case api::TrialState::kKilled:
      record.state = "Failed";
      record.reason = "TrainJobKilled";
      break;
    case api::TrialState::kMetricsUnavailable:
      record.state = "Failed";
      record.reason = "MetricsUnavailable";
      break;
  }
  if (!trial.status.observation) return record;
  const std::string& metric = trial.spec.objective.objective_metric_name;
  const std::string_view value = api::MetricText(trial.spec.objective, *trial.status.observation, metric);
  if (!value.empty() && value != api::kUnavailable) record.metrics.push_back({metric, std::string(value)});
  return record;
}

}  // namespace

ReconcileResult OptimizationJobReconciler::Reconcile(const api::ObjectKey& key) {
  const auto job = to_.jobs.Find<api::OptimizationJob>(key);
  if (job == nullptr || job->metadata.deletion_timestamp) return {};
  const auto experiment = to_.experiments.Find<api::Experiment>(key);
  // Its trials go as well and must not leave the status; its end brings the next pass.
  if (experiment != nullptr && experiment->metadata.deletion_timestamp) return {};
  if (experiment != nullptr && Owns(*job, *experiment)) return Follow(*job, *experiment);
  // The result outlives what it came from, whatever takes that name.
  if (IsTrue(job->status.conditions, kComplete) || IsTrue(job->status.conditions, kFailed)) return {};
  if (experiment == nullptr) return CreateExperiment(*job);
  api::OptimizationJobStatus status = job->status;
  Set(status.conditions, kFailed, "ExperimentExists",
      fmt::format("there is an Experiment {} that this job does not own; choose another name, or delete "
                  "both and create the job again",
                  key.name),
      to_.loop.Now());
  return WriteStatus(*job, std::move(status));
}

absl::Status OptimizationJobReconciler::CreateExperiment(const api::OptimizationJob& job) {
  api::Experiment experiment = ToExperiment(job);
  SetDefaults(experiment);
  experiment.metadata.owner_references = {
      {.api_version = std::string(api::ApiVersion(api::Kind::kOptimizationJob)),
       .kind = std::string(api::KindName(api::Kind::kOptimizationJob)),
       .name = job.metadata.name,
       .uid = job.metadata.uid,
       .controller = true,
       .block_owner_deletion = true}};
  QALAM_ASSIGN_OR_RETURN(const api::ResourcePtr written, to_.store.Create(experiment));
  to_.experiments.Put(written);
  to_.events.Normal(job, kComponent, "ExperimentCreated",
                    fmt::format("Experiment {} has been created", job.metadata.name));
  return absl::OkStatus();
}

absl::Status OptimizationJobReconciler::Follow(const api::OptimizationJob& job,
                                               const api::Experiment& experiment) {
  if (experiment.spec.max_trial_count != job.spec.num_trials ||
      experiment.spec.parallel_trial_count != job.spec.parallel_trials) {
    api::Experiment changed = experiment;
    changed.spec.max_trial_count = job.spec.num_trials;
    changed.spec.parallel_trial_count = job.spec.parallel_trials;
    QALAM_ASSIGN_OR_RETURN(const api::ResourcePtr written, to_.store.Update(changed));
    to_.experiments.Put(written);
    return absl::OkStatus();  // the write brings the next pass
  }

  const absl::Time now = to_.loop.Now();
  api::OptimizationJobStatus status = job.status;
  Set(status.conditions, kCreated, "OptimizationJobCreated",
      "The job is accepted and its trials are being run", now);
  status.trials.clear();
  for (const TrialFacts& facts : to_.trial_index.Of(experiment.key()))
    status.trials.push_back(RecordOf(facts));
  const api::OptimalTrial& best = experiment.status.current_optimal_trial;
  if (best.best_trial_name.empty()) {
    status.result.reset();
  } else {
    status.result = {best.best_trial_name, best.parameter_assignments};
  }
  const api::Condition* succeeded = FindCondition(experiment.status.conditions, kSucceeded);
  const api::Condition* failed = FindCondition(experiment.status.conditions, kFailed);
  if (succeeded != nullptr && succeeded->status == "True") {
    if (!status.result) {
      Set(status.conditions, kFailed, "AllTrialsFailed", "no trial came to a result", now);
    } else {
      const bool all_run = succeeded->reason == kReasonMaxTrialsReached;
      Set(status.conditions, kComplete, all_run ? "MaxTrialsReached" : succeeded->reason, succeeded->message,
          now);
    }
  } else if (failed != nullptr && failed->status == "True") {
    Set(status.conditions, kFailed, failed->reason, failed->message, now);
  }
  return WriteStatus(job, std::move(status));
}

absl::Status OptimizationJobReconciler::WriteStatus(const api::OptimizationJob& job,
                                                    api::OptimizationJobStatus status) {
  if (status == job.status) return absl::OkStatus();
  api::OptimizationJob changed = job;
  changed.status = std::move(status);
  QALAM_ASSIGN_OR_RETURN(const api::ResourcePtr written, to_.store.UpdateStatus(changed));
  to_.jobs.Put(written);
  return absl::OkStatus();
}

}  // namespace qalam::controller
