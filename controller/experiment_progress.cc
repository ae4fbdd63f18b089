#include "controller/experiment_progress.h"

#include <algorithm>

#include "base/number_text.h"
#include "controller/text_result.h"
#include "controller/vocabulary.h"

namespace qalam::controller {
namespace {

long long TrialIndex(const api::Trial& trial) {
  const auto found = trial.metadata.annotations.find(kTrialIndexAnnotation);
  if (found == trial.metadata.annotations.end()) return -1;
  return ParseInt(found->second).value_or(-1);
}

std::vector<std::string>& ListOf(api::TrialState state, api::ExperimentStatus& status) {
  switch (state) {
    case api::TrialState::kPending:
      return status.pending;
    case api::TrialState::kRunning:
      return status.running;
    case api::TrialState::kSucceeded:
      return status.succeeded;
    case api::TrialState::kFailed:
      return status.failed;
    case api::TrialState::kKilled:
      return status.killed;
    case api::TrialState::kEarlyStopped:
      return status.early_stopped;
    case api::TrialState::kMetricsUnavailable:
      break;
  }
  return status.metrics_unavailable;
}

int Finished(const api::ExperimentStatus& status) {
  return static_cast<int>(status.succeeded.size() + status.failed.size() + status.killed.size() +
                          status.early_stopped.size() + status.metrics_unavailable.size());
}

}  // namespace

bool CreatedBefore(const api::Trial& a, const api::Trial& b) {
  const long long index_a = TrialIndex(a), index_b = TrialIndex(b);
  if (index_a != index_b) return index_a < index_b;
  const auto key = [](const api::Trial& trial) {
    return std::pair(trial.metadata.creation_timestamp.value_or(absl::InfinitePast()), trial.metadata.name);
  };
  return key(a) < key(b);
}

TrialFacts::TrialFacts(TrialPtr of)
    : trial(std::move(of)),
      state(api::StateOf(*trial)),
      infeasible(state == api::TrialState::kFailed && api::FailureReason(*trial) == api::kReasonInfeasible) {
  if (api::AwaitsObservation(*trial)) state = api::TrialState::kRunning;
  if (state != api::TrialState::kFailed && trial->status.observation) {
    objective = api::ObjectiveValue(trial->spec.objective, *trial->status.observation);
  }
}

void SummariseTrials(api::ObjectiveType type, const std::vector<TrialFacts>& trials,
                     api::ExperimentStatus& status, const MetricBounds& bounds) {
  for (auto* list : {&status.pending, &status.running, &status.succeeded, &status.failed, &status.killed,
                     &status.early_stopped, &status.metrics_unavailable}) {
    list->clear();
  }
  status.trials = static_cast<std::int32_t>(trials.size());

  const TrialFacts *best = nullptr, *first_text = nullptr;
  double least_violation = 0;
  for (const TrialFacts& facts : trials) {
    ListOf(facts.state, status).push_back(facts.trial->metadata.name);
    if (first_text == nullptr && facts.state == api::TrialState::kSucceeded &&
        facts.trial->status.observation && HasTextResult(*facts.trial, *facts.trial->status.observation)) {
      first_text = &facts;
    }
    if (!facts.objective) continue;
    const double violation = bounds.empty() ? 0 : bounds.Violation(*facts.trial->status.observation);
    const bool better =
        best == nullptr || violation < least_violation ||
        (violation == least_violation && api::IsBetter(type, *facts.objective, *best->objective));
    if (!better) continue;
    best = &facts;
    least_violation = violation;
  }
  if (best == nullptr) best = first_text;  // there is no better or worse among texts
  status.current_optimal_trial = {};
  if (best != nullptr) {
    const api::Trial& trial = *best->trial;
    status.current_optimal_trial = {trial.metadata.name, trial.spec.parameter_assignments,
                                    *trial.status.observation};
  }
}

int CountFailures(const std::vector<TrialFacts>& trials) {
  return static_cast<int>(std::count_if(trials.begin(), trials.end(), [](const TrialFacts& facts) {
    return facts.state == api::TrialState::kMetricsUnavailable ||
           (facts.state == api::TrialState::kFailed && !facts.infeasible);
  }));
}

std::optional<Verdict> JudgeExperiment(const api::ExperimentSpec& spec, const api::ExperimentStatus& status,
                                       int failures, const MetricBounds& bounds) {
  const api::ObjectiveSpec& objective = *spec.objective;
  if (objective.goal && bounds.Violation(status.current_optimal_trial.observation) == 0) {
    const auto value = api::ObjectiveValue(objective, status.current_optimal_trial.observation);
    if (value && (objective.type == api::ObjectiveType::kMaximize ? *value >= *objective.goal
                                                                  : *value <= *objective.goal)) {
      return Verdict{true, std::string(kReasonGoalReached),
                     "Experiment has succeeded because Objective goal has reached"};
    }
  }
  if (spec.max_failed_trial_count && failures > 0 && failures >= *spec.max_failed_trial_count) {
    return Verdict{false, std::string(kReasonExperimentFailed),
                   "Experiment has failed because max failed count has reached"};
  }
  if (spec.max_trial_count && Finished(status) >= *spec.max_trial_count) {
    return Verdict{true, std::string(kReasonMaxTrialsReached),
                   "Experiment has succeeded because max trial count has reached"};
  }
  return std::nullopt;
}

int TrialsToAdd(const api::ExperimentSpec& spec, const api::ExperimentStatus& status) {
  const int active = static_cast<int>(status.pending.size() + status.running.size());
  int wanted = spec.parallel_trial_count.value_or(3);
  if (spec.max_trial_count) wanted = std::min(wanted, *spec.max_trial_count - Finished(status));
  return std::max(0, wanted - active);
}

}  // namespace qalam::controller
