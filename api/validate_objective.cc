#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "api/checks.h"
#include "api/did_you_mean.h"

namespace qalam::api {
namespace {

void CheckStrategies(const ObjectiveSpec& objective, Checks& checks) {
  std::vector<std::string_view> metrics = {objective.objective_metric_name};
  metrics.insert(metrics.end(), objective.additional_metric_names.begin(),
                 objective.additional_metric_names.end());
  std::unordered_set<std::string_view> seen;
  for (std::size_t i = 0; i < objective.metric_strategies.size(); ++i) {
    const MetricStrategy& strategy = objective.metric_strategies[i];
    const std::string field = fmt::format("spec.objective.metricStrategies[{}]", i);
    if (std::find(metrics.begin(), metrics.end(), strategy.name) == metrics.end()) {
      checks.Invalid(field + ".name", strategy.name,
                     fmt::format("is neither the objective nor an additional metric; {}",
                                 NameHint(strategy.name, metrics)));
    } else if (!seen.insert(strategy.name).second) {
      checks.Invalid(field + ".name", strategy.name, "this metric has a strategy already");
    }
    if (strategy.value == MetricStrategyType::kUnset) {
      checks.Required(field + ".value", "must be min, max or latest");
    }
  }
}

}  // namespace

void CheckObjective(const ObjectiveSpec& objective, Checks& checks) {
  if (objective.type == ObjectiveType::kUnset) {
    checks.Invalid("spec.objective.type", "", "must be minimize or maximize");
  }
  if (objective.goal && !std::isfinite(*objective.goal)) {
    checks.Invalid("spec.objective.goal", fmt::format("{}", *objective.goal), "must be a finite number");
  }
  const std::string& name = objective.objective_metric_name;
  if (name.empty()) {
    return checks.Required("spec.objective.objectiveMetricName",
                           "must be the name of the metric to optimise");
  }
  const std::vector<std::string>& additional = objective.additional_metric_names;
  if (std::find(additional.begin(), additional.end(), name) != additional.end()) {
    checks.Invalid("spec.objective.additionalMetricNames", name,
                   "should not contain the objectiveMetricName; it is collected anyway");
  }
  if (std::find(additional.begin(), additional.end(), "") != additional.end()) {
    checks.Invalid("spec.objective.additionalMetricNames", "", "a metric's name must not be empty");
  }
  CheckStrategies(objective, checks);
}

}  // namespace qalam::api
