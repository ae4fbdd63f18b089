#include "cli/diagnose_trial.h"

#include <fmt/format.h>

#include "cli/diagnose_failure.h"
#include "cli/diagnose_metrics.h"
#include "cli/diagnose_waiting.h"
#include "cli/resource_facts.h"
#include "cli/time_text.h"

namespace qalam::cli {
namespace {

std::string RuleText(const api::EarlyStoppingRule& rule) {
  const std::string_view comparison = rule.comparison == api::Comparison::kLess      ? "<"
                                      : rule.comparison == api::Comparison::kGreater ? ">"
                                                                                     : "=";
  std::string text = fmt::format("rule: {} {} {}", rule.name, comparison, rule.value);
  if (rule.start_step > 0) text += fmt::format(", from report {} on", rule.start_step);
  return text;
}

Cause StoppedEarly(const TrialEvidence& evidence) {
  const api::Trial& trial = *evidence.trial;
  Cause cause{.key = "stopped-early", .text = "an early-stopping rule ended it"};
  const std::string message = TrialMessage(trial);
  if (!message.empty()) cause.text += ": " + message;
  for (const api::EarlyStoppingRule& rule : trial.spec.early_stopping_rules)
    cause.evidence.push_back(RuleText(rule));
  if (evidence.objective.count > 0) {
    cause.evidence.push_back(fmt::format("{} was reported {} times, the last time as {}",
                                         trial.spec.objective.objective_metric_name, evidence.objective.count,
                                         evidence.objective.last));
    cause.facts = {{"reports", evidence.objective.count}, {"value", evidence.objective.last}};
  }
  return cause;
}

std::string SummaryOf(const TrialEvidence& evidence, const Surroundings& around) {
  const api::Trial& trial = *evidence.trial;
  const std::string& metric = trial.spec.objective.objective_metric_name;
  const auto duration = TrialDuration(trial, around.now);
  const std::string took = duration ? " after " + WholeDurationText(*duration) : "";
  switch (StateOf(trial)) {
    case TrialState::kPending:
      return "not started yet";
    case TrialState::kRunning:
      return fmt::format("running{}, {}", duration ? " for " + WholeDurationText(*duration) : "",
                         evidence.objective.count == 0
                             ? fmt::format("{} not reported yet", metric)
                             : fmt::format("{} reported {} times, now {}", metric, evidence.objective.count,
                                           evidence.objective.last));
    case TrialState::kSucceeded:
    case TrialState::kEarlyStopped: {
      const std::string value(trial.status.observation
                                  ? MetricText(trial.spec.objective, *trial.status.observation, metric)
                                  : "");
      return fmt::format("{}{}{}", StateWords(StateOf(trial)), took,
                         value.empty() ? "" : fmt::format(" with {}={}", metric, value));
    }
    case TrialState::kMetricsUnavailable:
      return fmt::format("ended well{}, but without a value for {}", took, metric);
    default:
      return fmt::format("{}{}", StateWords(StateOf(trial)), took);
  }
}

}  // namespace

std::vector<Cause> DiagnoseEnd(const TrialEvidence& evidence, const Surroundings& around) {
  switch (StateOf(*evidence.trial)) {
    case TrialState::kFailed:
      return DiagnoseFailure(evidence, around);
    case TrialState::kMetricsUnavailable:
      return DiagnoseMetrics(evidence);
    case TrialState::kKilled:
      return {{.key = "killed", .text = TrialMessage(*evidence.trial)}};
    case TrialState::kEarlyStopped: {
      std::vector<Cause> causes{StoppedEarly(evidence)};
      for (Cause& cause : DiagnoseMetrics(evidence)) causes.push_back(std::move(cause));
      return causes;
    }
    default:
      return {};
  }
}

Diagnosis DiagnoseTrial(const TrialEvidence& evidence, const Surroundings& around) {
  const api::Trial& trial = *evidence.trial;
  const TrialState state = StateOf(trial);
  Diagnosis diagnosis{.experiment = evidence.experiment->metadata.name,
                      .trial = trial.metadata.name,
                      .state = std::string(StateName(state)),
                      .summary = SummaryOf(evidence, around)};
  if (IsFinished(state)) {
    diagnosis.causes = DiagnoseEnd(evidence, around);
    return diagnosis;
  }
  if (auto cause = DiagnoseRunner(*evidence.experiment, around)) {
    diagnosis.causes.push_back(*std::move(cause));
    return diagnosis;  // whatever else is to be seen was left by a process that is gone
  }
  diagnosis.causes = DiagnoseTrialWaiting(evidence, around);
  // What a running program prints now says whether it will ever be understood.
  if (evidence.objective.count == 0 && state == TrialState::kRunning) {
    for (Cause& cause : DiagnoseMetrics(evidence)) {
      if (cause.key == "near-miss") diagnosis.causes.push_back(std::move(cause));
    }
  }
  return diagnosis;
}

}  // namespace qalam::cli
