#include "controller/experiment_reconciler.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/core.h"
#include "api/times.h"
#include "controller/text_result.h"
#include "controller/vocabulary.h"
#include "workload/trial_template.h"

namespace qalam::controller {
namespace {

bool IsCompleted(const api::ExperimentStatus& status) {
  return IsTrue(status.conditions, kSucceeded) || IsTrue(status.conditions, kFailed);
}

// Only an experiment that ran out of trials, and whose policy says so, goes on when it is given more.
bool MayRestart(const api::Experiment& experiment) {
  const api::Condition* succeeded = FindCondition(experiment.status.conditions, kSucceeded);
  return succeeded != nullptr && succeeded->status == "True" &&
         succeeded->reason == kReasonMaxTrialsReached &&
         experiment.spec.resume_policy != api::ResumePolicy::kNever && experiment.spec.max_trial_count &&
         *experiment.spec.max_trial_count > experiment.status.trials;
}

api::OwnerReference OwnedBy(const api::Experiment& experiment) {
  return {.api_version = std::string(api::ApiVersion(api::Kind::kExperiment)),
          .kind = std::string(api::KindName(api::Kind::kExperiment)),
          .name = experiment.metadata.name,
          .uid = experiment.metadata.uid,
          .controller = true,
          .block_owner_deletion = true};
}

}  // namespace

ReconcileResult ExperimentReconciler::Reconcile(const api::ObjectKey& key) {
  const auto experiment = to_.experiments.Find<api::Experiment>(key);
  if (experiment == nullptr) {
    status_written_.erase(key);
    return {};
  }
  if (experiment->metadata.deletion_timestamp) return ReleaseFinalizer(*experiment);
  const auto& finalizers = experiment->metadata.finalizers;
  if (std::find(finalizers.begin(), finalizers.end(), kExperimentFinalizer) == finalizers.end()) {
    api::Experiment held = *experiment;
    held.metadata.finalizers.emplace_back(kExperimentFinalizer);
    QALAM_ASSIGN_OR_RETURN(const api::ResourcePtr written, to_.store.Update(held));
    to_.experiments.Put(written);
    return {};  // the write brings the next pass
  }

  api::ExperimentStatus status = experiment->status;
  const absl::Time now = to_.loop.Now();
  if (SetCondition(status.conditions, kCreated, true, "ExperimentCreated", "Experiment is created", now)) {
    status.start_time = api::WholeSeconds(now);
    return WriteStatus(*experiment, std::move(status));
  }
  if (IsCompleted(status) && MayRestart(*experiment)) Restart(*experiment, status);
  const MetricBounds bounds(*experiment);
  SummariseTrials(experiment->spec.objective->type, to_.trial_index.Of(key), status, bounds);
  if (!IsCompleted(status)) Judge(*experiment, bounds, status);

  // The status first: what follows may fail and be repeated, and readers should not wait for it.
  const bool completed = IsCompleted(status);
  const std::string best = status.current_optimal_trial.best_trial_name;
  const int to_add = completed || draining_ ? 0 : TrialsToAdd(experiment->spec, status);
  const absl::Duration delay = StatusDelay(*experiment, status);
  if (delay == absl::ZeroDuration()) QALAM_RETURN_IF_ERROR(WriteStatus(*experiment, std::move(status)));
  if (completed) {
    QALAM_RETURN_IF_ERROR(KillTrials(*experiment));
    to_.keeper.ExperimentEnded(*experiment, best);
    return EndSuggestion(*experiment);
  }
  if (to_add > 0) QALAM_RETURN_IF_ERROR(StartTrials(*experiment, to_add));
  return delay > absl::ZeroDuration() ? ReconcileResult::After(delay) : ReconcileResult();
}

absl::Status ExperimentReconciler::ReleaseFinalizer(const api::Experiment& experiment) {
  api::Experiment released = experiment;
  if (std::erase(released.metadata.finalizers, kExperimentFinalizer) == 0) return absl::OkStatus();
  const absl::Status status = to_.store.Update(released).status();
  return absl::IsNotFound(status) ? absl::OkStatus() : status;
}

void ExperimentReconciler::Restart(const api::Experiment& experiment, api::ExperimentStatus& status) {
  const absl::Time now = to_.loop.Now();
  RemoveCondition(status.conditions, kSucceeded);
  RemoveCondition(status.conditions, kFailed);
  SetCondition(status.conditions, kRestarting, true, "ExperimentRestarting", "Experiment is restarted", now);
  SetCondition(status.conditions, kRunning, true, "ExperimentRunning", "Experiment is running", now);

  const auto suggestion = to_.suggestions.Find<api::Suggestion>(experiment.key());
  if (suggestion == nullptr || !IsTrue(suggestion->status.conditions, kSucceeded)) return;
  api::Suggestion again = *suggestion;
  RemoveCondition(again.status.conditions, kSucceeded);
  SetCondition(again.status.conditions, kRunning, false, "Experiment is restarting",
               "Suggestion is not running", now);
  if (auto written = to_.store.UpdateStatus(again); written.ok()) to_.suggestions.Put(*written);
}

void ExperimentReconciler::Judge(const api::Experiment& experiment, const MetricBounds& bounds,
                                 api::ExperimentStatus& status) {
  const int failures = CountFailures(to_.trial_index.Of(experiment.key()));
  if (const auto verdict = JudgeExperiment(experiment.spec, status, failures, bounds))
    return Complete(status, *verdict);
  const auto suggestion = to_.suggestions.Find<api::Suggestion>(experiment.key());
  if (suggestion != nullptr) {
    const api::Conditions& conditions = suggestion->status.conditions;
    if (const api::Condition* failed = FindCondition(conditions, kFailed);
        failed && failed->status == "True") {
      ClearCondition(status.conditions, kRunning, to_.loop.Now());
      SetCondition(status.conditions, kFailed, true, kReasonExperimentFailed,
                   fmt::format("Suggestion has failed. {}", failed->message), to_.loop.Now());
      return;
    }
    const bool all_started = status.trials >= static_cast<int>(suggestion->status.suggestions.size());
    if (IsTrue(conditions, kExhausted) && all_started && status.pending.empty() && status.running.empty()) {
      const bool found = !status.current_optimal_trial.best_trial_name.empty();
      const api::Condition& exhausted = *FindCondition(conditions, kExhausted);
      if (exhausted.reason == kReasonEndRuleMet && found) {
        return Complete(
            status, {true, std::string(kReasonEndRuleMet),
                     fmt::format("Experiment has succeeded because more trials are not worth their cost. {}",
                                 exhausted.message)});
      }
      return Complete(
          status, {found, std::string(kReasonSpaceExhausted),
                   found ? "Experiment has succeeded because every point of the search space has been tried"
                         : "Experiment has failed because every point of the search space has been tried "
                           "and none gave a result"});
    }
  }
  if (status.trials > 0) {
    SetCondition(status.conditions, kRunning, true, "ExperimentRunning", "Experiment is running",
                 to_.loop.Now());
  }
}

void ExperimentReconciler::Complete(api::ExperimentStatus& status, const Verdict& verdict) {
  const absl::Time now = to_.loop.Now();
  ClearCondition(status.conditions, kRunning, now);
  SetCondition(status.conditions, verdict.succeeded ? kSucceeded : kFailed, true, verdict.reason,
               verdict.message, now);
  status.completion_time = api::WholeSeconds(now);
}

absl::Status ExperimentReconciler::KillTrials(const api::Experiment& experiment) {
  std::vector<TrialPtr> unfinished;  // apart from the index, which every write changes
  for (const TrialFacts& facts : to_.trial_index.Of(experiment.key())) {
    if (!api::IsFinished(api::StateOf(*facts.trial)) && !facts.trial->metadata.deletion_timestamp)
      unfinished.push_back(facts.trial);
  }
  const absl::Time now = to_.loop.Now();
  for (const TrialPtr& trial : unfinished) {
    api::Trial killed = *trial;
    ClearCondition(killed.status.conditions, kRunning, now);
    SetCondition(killed.status.conditions, kKilled, true, "ExperimentCompleted",
                 fmt::format("Trial was ended because experiment {} is complete", experiment.metadata.name),
                 now);
    killed.status.completion_time = api::WholeSeconds(now);
    QALAM_ASSIGN_OR_RETURN(const api::ResourcePtr written, to_.store.UpdateStatus(killed));
    to_.trials.Put(written);
  }
  return absl::OkStatus();
}

absl::Status ExperimentReconciler::EndSuggestion(const api::Experiment& experiment) {
  const auto suggestion = to_.suggestions.Find<api::Suggestion>(experiment.key());
  if (suggestion == nullptr || experiment.spec.resume_policy == api::ResumePolicy::kLongRunning ||
      IsTrue(suggestion->status.conditions, kSucceeded) || IsTrue(suggestion->status.conditions, kFailed)) {
    return absl::OkStatus();
  }
  constexpr std::string_view kReason = "Experiment is succeeded";
  const bool volume = experiment.spec.resume_policy == api::ResumePolicy::kFromVolume;
  const absl::Time now = to_.loop.Now();
  api::Suggestion ended = *suggestion;
  api::Conditions& conditions = ended.status.conditions;
  RemoveCondition(conditions, kDelayed);
  SetCondition(conditions, kRunning, false, kReason, "Suggestion is not running", now);
  SetCondition(conditions, kDeploymentReady, false, kReason, "Deployment is not ready", now);
  SetCondition(conditions, kSucceeded, true, kReason,
               volume ? "Suggestion is succeeded, suggestion volume is not deleted, can be restarted"
                      : "Suggestion is succeeded, can't be restarted",
               now);
  QALAM_ASSIGN_OR_RETURN(const api::ResourcePtr written, to_.store.UpdateStatus(ended));
  to_.suggestions.Put(written);
  return absl::OkStatus();
}

absl::Status ExperimentReconciler::StartTrials(const api::Experiment& experiment, int count) {
  const int existing = static_cast<int>(to_.trial_index.Of(experiment.key()).size());
  const auto suggestion = to_.suggestions.Find<api::Suggestion>(experiment.key());
  if (suggestion == nullptr) return CreateSuggestion(experiment, existing + count);

  // Those without a trial are nearly always the newest ones, so the search for them goes from the end.
  const auto& assignments = suggestion->status.suggestions;
  std::vector<size_t> waiting;
  const size_t missing = assignments.size() - std::min<size_t>(assignments.size(), existing);
  for (size_t i = assignments.size(); i-- > 0 && waiting.size() < missing;) {
    if (to_.trials.Find({experiment.metadata.namespace_name, assignments[i]->name}) == nullptr)
      waiting.push_back(i);
  }
  for (auto i = waiting.rbegin(); i != waiting.rend() && count > 0; ++i, --count) {
    QALAM_RETURN_IF_ERROR(CreateTrial(experiment, *assignments[*i], static_cast<int>(*i)));
  }
  const int wanted = static_cast<int>(assignments.size()) + count;
  if (suggestion->spec.requests == wanted || count == 0) return absl::OkStatus();
  api::Suggestion more = *suggestion;
  more.spec.requests = wanted;
  QALAM_ASSIGN_OR_RETURN(const api::ResourcePtr written, to_.store.Update(more));
  to_.suggestions.Put(written);
  return absl::OkStatus();
}

absl::Status ExperimentReconciler::CreateSuggestion(const api::Experiment& experiment, int requests) {
  api::Suggestion suggestion;
  suggestion.metadata.name = experiment.metadata.name;
  suggestion.metadata.namespace_name = experiment.metadata.namespace_name;
  suggestion.metadata.labels = experiment.metadata.labels;
  suggestion.metadata.annotations = experiment.metadata.annotations;
  suggestion.metadata.owner_references = {OwnedBy(experiment)};
  suggestion.spec = {.algorithm = *experiment.spec.algorithm,
                     .early_stopping = experiment.spec.early_stopping,
                     .requests = requests,
                     .resume_policy = experiment.spec.resume_policy};
  QALAM_ASSIGN_OR_RETURN(const api::ResourcePtr written, to_.store.Create(suggestion));
  to_.suggestions.Put(written);
  return absl::OkStatus();
}

absl::StatusOr<std::string> ExperimentReconciler::TemplateText(const api::Experiment& experiment) const {
  const api::TrialTemplate& source = *experiment.spec.trial_template;
  if (!source.config_map) return source.trial_spec.text;
  const api::ConfigMapSource& from = *source.config_map;
  const std::string& name_space =
      from.config_map_namespace.empty() ? experiment.metadata.namespace_name : from.config_map_namespace;
  QALAM_ASSIGN_OR_RETURN(const auto config_map,
                         api::Get<api::ConfigMap>(to_.store, {name_space, from.config_map_name}));
  const auto text = config_map->spec.data.find(from.template_path);
  if (text == config_map->spec.data.end()) {
    return absl::NotFoundError(
        fmt::format("spec.trialTemplate.configMap.templatePath: ConfigMap {}/{} has no key {}", name_space,
                    from.config_map_name, from.template_path));
  }
  return text->second;
}

absl::Status ExperimentReconciler::CreateTrial(const api::Experiment& experiment,
                                               const api::TrialAssignment& assignment, int index) {
  const api::TrialTemplate& source = *experiment.spec.trial_template;
  QALAM_ASSIGN_OR_RETURN(const std::string text, TemplateText(experiment));
  QALAM_ASSIGN_OR_RETURN(api::JsonText run_spec,
                         workload::RenderRunSpec(text, source, assignment.parameter_assignments,
                                                 assignment.name, experiment.metadata.namespace_name));
  api::Trial trial;
  trial.metadata.name = assignment.name;
  trial.metadata.namespace_name = experiment.metadata.namespace_name;
  trial.metadata.labels = experiment.metadata.labels;
  trial.metadata.labels.insert_or_assign(std::string(kExperimentLabel), experiment.metadata.name);
  for (const auto& [name, value] : assignment.labels) trial.metadata.labels.insert_or_assign(name, value);
  trial.metadata.annotations.emplace(kTrialIndexAnnotation, std::to_string(index));
  AllowTextResult(experiment, trial);
  trial.metadata.finalizers = {std::string(kTrialFinalizer)};
  trial.metadata.owner_references = {OwnedBy(experiment)};
  trial.spec = {.objective = *experiment.spec.objective,
                .parameter_assignments = assignment.parameter_assignments,
                .early_stopping_rules = assignment.early_stopping_rules,
                .run_spec = std::move(run_spec),
                .retain_run = source.retain,
                .metrics_collector = experiment.spec.metrics_collector.value_or(api::MetricsCollectorSpec{}),
                .primary_pod_labels = source.primary_pod_labels,
                .primary_container_name = source.primary_container_name,
                .success_condition = source.success_condition,
                .failure_condition = source.failure_condition};
  QALAM_ASSIGN_OR_RETURN(const api::ResourcePtr written, to_.store.Create(trial));
  to_.trials.Put(written);
  to_.keeper.TrialCreated(experiment, trial);
  return absl::OkStatus();
}

// Zero when the status should be written now.
absl::Duration ExperimentReconciler::StatusDelay(const api::Experiment& experiment,
                                                 const api::ExperimentStatus& status) const {
  constexpr absl::Duration kInterval = absl::Milliseconds(50);
  const bool idle = status.running.empty() && status.pending.empty();
  const auto written = status_written_.find(experiment.key());
  if (idle || draining_ || written == status_written_.end() ||
      status.conditions != experiment.status.conditions) {
    return absl::ZeroDuration();
  }
  const absl::Duration since = to_.loop.Now() - written->second;
  const bool soon = since >= absl::ZeroDuration() && since < kInterval;
  return soon && status != experiment.status ? kInterval - since : absl::ZeroDuration();
}

absl::Status ExperimentReconciler::WriteStatus(const api::Experiment& experiment,
                                               api::ExperimentStatus status) {
  if (status == experiment.status) return absl::OkStatus();
  api::Experiment changed = experiment;
  changed.status = std::move(status);
  QALAM_ASSIGN_OR_RETURN(const api::ResourcePtr written, to_.store.UpdateStatus(changed));
  to_.experiments.Put(written);
  status_written_[experiment.key()] = to_.loop.Now();
  return absl::OkStatus();
}

}  // namespace qalam::controller
