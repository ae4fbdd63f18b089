#include "cli/resource_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "api/trial_attempts.h"
#include "base/number_text.h"
#include "cli/broken_bounds.h"
#include "cli/time_text.h"

namespace qalam::cli {
namespace {

struct StateText {
  TrialState state;
  std::string_view name, words;
};
constexpr StateText kStates[] = {
    {TrialState::kKilled, "Killed", "killed"},
    {TrialState::kFailed, "Failed", "failed"},
    {TrialState::kSucceeded, "Succeeded", "succeeded"},
    {TrialState::kEarlyStopped, "EarlyStopped", "stopped early"},
    {TrialState::kRunning, "Running", "running"},
    {TrialState::kMetricsUnavailable, "MetricsUnavailable", "without metrics"},
    {TrialState::kPending, "Pending", "pending"},
};

const StateText& TextOf(TrialState state) {
  return *std::find_if(std::begin(kStates), std::end(kStates),
                       [&](const StateText& t) { return t.state == state; });
}

std::string Plural(size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string GoalText(const api::Experiment& experiment) {
  const std::optional<api::ObjectiveSpec>& objective = experiment.spec.objective;
  if (!objective || !objective->goal) return "";
  return fmt::format(
      ": {} {} {}", objective->objective_metric_name,
      objective->type == api::ObjectiveType::kMinimize ? "<=" : ">=", NumberText(*objective->goal));
}

std::string FailureInWords(const api::Experiment& experiment, const api::Condition& failed) {
  const size_t failures = experiment.status.failed.size() + experiment.status.metrics_unavailable.size();
  const std::optional<std::int32_t>& limit = experiment.spec.max_failed_trial_count;
  if (limit && failures > 0 && failures >= static_cast<size_t>(std::max(0, *limit))) {
    return fmt::format("{} failed or had no metrics, and maxFailedTrialCount is {}",
                       Plural(failures, "trial"), *limit);
  }
  return failed.message.empty() ? failed.reason : failed.message;
}

std::string SuccessInWords(const api::Experiment& experiment, const api::Condition& succeeded) {
  if (succeeded.reason == "ExperimentGoalReached") return "the goal was reached" + GoalText(experiment);
  if (succeeded.reason == "ExperimentMaxTrialsReached") {
    const int done = FinishedTrials(experiment.status);
    return done == 1 ? "the one trial asked for is done" : fmt::format("all {} trials are done", done);
  }
  if (succeeded.reason == "SpaceExhausted") return "every point of the search space has been tried";
  return succeeded.message.empty() ? succeeded.reason : succeeded.message;
}

}  // namespace

std::string_view StateName(TrialState state) { return TextOf(state).name; }
std::string_view StateWords(TrialState state) { return TextOf(state).words; }

std::optional<absl::Time> FinishTime(const api::Trial& trial) {
  const TrialState state = StateOf(trial);
  if (!IsFinished(state)) return std::nullopt;
  if (trial.status.completion_time) return trial.status.completion_time;
  const api::Condition* condition = api::FindCondition(trial.status.conditions, StateName(state));
  if (condition == nullptr || condition->last_transition_time == absl::InfinitePast()) return std::nullopt;
  return condition->last_transition_time;
}

std::optional<absl::Duration> TrialDuration(const api::Trial& trial, absl::Time now) {
  const TrialState state = StateOf(trial);
  if (!trial.status.start_time || state == TrialState::kPending) return std::nullopt;
  const std::optional<absl::Time> end = IsFinished(state) ? FinishTime(trial) : now;
  if (!end) return std::nullopt;
  return std::max(absl::ZeroDuration(), *end - *trial.status.start_time);
}

std::string TrialMessage(const api::Trial& trial) {
  const TrialState state = StateOf(trial);
  if (state == TrialState::kRunning || state == TrialState::kSucceeded) return "";
  if (state == TrialState::kPending) {
    const api::Conditions& conditions = trial.status.conditions;
    return conditions.empty() || conditions.back().type == "Created" ? "" : conditions.back().message;
  }
  const api::Condition* condition = api::FindCondition(trial.status.conditions, StateName(state));
  std::string_view message = condition->message.empty() ? condition->reason : condition->message;
  // The state is said beside the message; what the rule saw is the rest.
  constexpr std::string_view kLead = "Trial is early stopped: ";
  if (state == TrialState::kEarlyStopped && message.starts_with(kLead)) message.remove_prefix(kLead.size());
  return std::string(message);
}

std::string AttemptsText(const api::Trial& trial) {
  const api::TrialAttempts attempts = api::AttemptsOf(trial);
  if (attempts.next)
    return fmt::format("{}: {}, the next at {}", attempts.started, attempts.last_failure,
                       TimestampText(*attempts.next));
  if (attempts.started < 2) return "";
  if (attempts.last_failure.empty() || StateOf(trial) == TrialState::kFailed)
    return std::to_string(attempts.started);
  return fmt::format("{}; before: {}, tried again", attempts.started, attempts.last_failure);
}

std::vector<std::string> MetricNames(const api::ObjectiveSpec& objective) {
  std::vector<std::string> names{objective.objective_metric_name};
  names.insert(names.end(), objective.additional_metric_names.begin(),
               objective.additional_metric_names.end());
  return names;
}

std::string ShortNumber(std::string_view text) {
  if (text.size() <= 7) return std::string(text);
  const std::optional<double> value = ParseDouble(text);
  return value ? fmt::format("{:.6g}", *value) : std::string(text);
}

std::string AssignmentsText(const std::vector<api::ParameterAssignment>& assignments, bool brief) {
  std::string text;
  for (const api::ParameterAssignment& assignment : assignments) {
    if (!text.empty()) text += ' ';
    text += assignment.name + '=' + (brief ? ShortNumber(assignment.value) : assignment.value);
  }
  return text;
}

std::string ExperimentStatusName(const api::Experiment& experiment) {
  const api::Conditions& conditions = experiment.status.conditions;
  for (const std::string_view type : {"Succeeded", "Failed"}) {
    if (api::IsTrue(conditions, type)) return std::string(type);
  }
  return conditions.empty() ? "Pending" : conditions.back().type;
}

bool IsFinished(const api::Experiment& experiment) {
  return api::IsTrue(experiment.status.conditions, "Succeeded") ||
         api::IsTrue(experiment.status.conditions, "Failed");
}

std::string StatusInWords(const api::Experiment& experiment) {
  const api::Conditions& conditions = experiment.status.conditions;
  if (api::IsTrue(conditions, "Succeeded")) {
    return SuccessInWords(experiment, *api::FindCondition(conditions, "Succeeded"));
  }
  if (api::IsTrue(conditions, "Failed")) {
    return FailureInWords(experiment, *api::FindCondition(conditions, "Failed"));
  }
  if (conditions.empty()) return "not started yet";
  if (api::IsTrue(conditions, "Running")) {
    return api::IsTrue(conditions, "Restarting") ? "running again after its limits were raised" : "running";
  }
  const api::Condition& last = conditions.back();
  if (last.type == "Created") return "created, no trial yet";
  return last.message.empty() ? last.type : last.message;
}

std::string BestText(const api::Experiment& experiment, bool brief) {
  const api::OptimalTrial& best = experiment.status.current_optimal_trial;
  if (best.best_trial_name.empty() || !experiment.spec.objective) return "";
  const std::string& metric = experiment.spec.objective->objective_metric_name;
  const std::string value(MetricText(*experiment.spec.objective, best.observation, metric));
  return fmt::format("{}={}{}", metric, brief ? ShortNumber(value) : value,
                     BrokenBounds(experiment).empty() ? "" : " (infeasible)");
}

int FinishedTrials(const api::ExperimentStatus& status) {
  return static_cast<int>(status.succeeded.size() + status.failed.size() + status.killed.size() +
                          status.early_stopped.size() + status.metrics_unavailable.size());
}

std::string CountsText(const api::ExperimentStatus& status) {
  const std::pair<const std::vector<std::string>&, TrialState> lists[] = {
      {status.succeeded, TrialState::kSucceeded},
      {status.early_stopped, TrialState::kEarlyStopped},
      {status.failed, TrialState::kFailed},
      {status.metrics_unavailable, TrialState::kMetricsUnavailable},
      {status.killed, TrialState::kKilled},
      {status.running, TrialState::kRunning},
      {status.pending, TrialState::kPending},
  };
  std::string text;
  for (const auto& [names, state] : lists) {
    if (names.empty()) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", names.size(), StateWords(state));
  }
  return text.empty() ? "none yet" : text;
}

}  // namespace qalam::cli
