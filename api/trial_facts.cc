#include "api/trial_facts.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/number_text.h"

namespace qalam::api {
namespace {

// In the order in which they are looked for.
constexpr std::pair<std::string_view, TrialState> kStates[] = {
    {"Killed", TrialState::kKilled},       {"Failed", TrialState::kFailed},
    {"Succeeded", TrialState::kSucceeded}, {"EarlyStopped", TrialState::kEarlyStopped},
    {"Running", TrialState::kRunning},     {"MetricsUnavailable", TrialState::kMetricsUnavailable},
};

// The entry of this name; null without one.
template <class T>
const T* Named(const std::vector<T>& list, std::string_view name) {
  const auto found =
      std::find_if(list.begin(), list.end(), [&](const T& entry) { return entry.name == name; });
  return found == list.end() ? nullptr : &*found;
}

}  // namespace

TrialState StateOf(const Trial& trial) {
  for (const auto& [condition, state] : kStates) {
    if (IsTrue(trial.status.conditions, condition)) return state;
  }
  return TrialState::kPending;
}

bool AwaitsObservation(const Trial& trial) {
  return StateOf(trial) == TrialState::kEarlyStopped && !trial.status.observation;
}

std::string_view JobReason(const Condition& condition) {
  constexpr std::string_view kMark = ". Job reason: ";
  const size_t at = condition.reason.find(kMark);
  return at == std::string::npos ? std::string_view()
                                 : std::string_view(condition.reason).substr(at + kMark.size());
}

std::string_view FailureReason(const Trial& trial) {
  const Condition* failed = FindCondition(trial.status.conditions, "Failed");
  return failed == nullptr || failed->status != "True" ? std::string_view() : JobReason(*failed);
}

MetricStrategyType ObjectiveStrategy(const ObjectiveSpec& objective) {
  const MetricStrategy* strategy = Named(objective.metric_strategies, objective.objective_metric_name);
  if (strategy != nullptr && strategy->value != MetricStrategyType::kUnset) return strategy->value;
  return objective.type == ObjectiveType::kMaximize ? MetricStrategyType::kMax : MetricStrategyType::kMin;
}

std::string_view MetricText(const ObjectiveSpec& objective, const Observation& observation,
                            std::string_view metric) {
  const MetricStrategy* strategy = Named(objective.metric_strategies, metric);
  const MetricValue* value = Named(observation.metrics, metric);
  if (strategy == nullptr || value == nullptr) return {};
  std::string_view text = value->latest;
  if (strategy->value == MetricStrategyType::kMin) text = value->min;
  if (strategy->value == MetricStrategyType::kMax) text = value->max;
  return text.empty() || text == kUnavailable ? std::string_view(value->latest) : text;
}

std::optional<double> ObjectiveValue(const ObjectiveSpec& objective, const Observation& observation) {
  const auto value = ParseDouble(MetricText(objective, observation, objective.objective_metric_name));
  if (!value || !std::isfinite(*value)) return std::nullopt;
  return value;
}

}  // namespace qalam::api
