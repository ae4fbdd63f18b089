#include "algorithms/threshold_stop.h"

#include <fmt/format.h>

#include <optional>

#include "algorithms/stopper_settings.h"

namespace qalam::algorithms::threshold_stop {
namespace {

struct Options {
  double value = 0;
  std::optional<Comparison> comparison;  // given when `metric` is
  std::string metric;                    // empty: the objective
  int start_step = 1;                    // >= 1
};

absl::StatusOr<Options> ReadOptions(const Settings& settings) {
  QALAM_RETURN_IF_ERROR(CheckStopperSettings(settings, "threshold", kSettings));
  Options options;
  QALAM_ASSIGN_OR_RETURN(const std::optional<double> value, DoubleSetting(settings, "value"));
  if (!value) return absl::InvalidArgumentError("value must be given: the number to compare with");
  options.value = *value;
  if (const std::optional<std::string_view> comparison = FindSetting(settings, "comparison")) {
    if (*comparison != "less" && *comparison != "greater") {
      return absl::InvalidArgumentError(
          fmt::format("comparison must be less or greater, got '{}'", *comparison));
    }
    options.comparison = *comparison == "less" ? Comparison::kLess : Comparison::kGreater;
  }
  if (const std::optional<std::string_view> metric = FindSetting(settings, "metric")) {
    if (metric->empty()) return absl::InvalidArgumentError("metric must be the name of a metric, got ''");
    if (!options.comparison) {
      return absl::InvalidArgumentError(
          fmt::format("comparison must be given with metric: on which side of value '{}' is worse", *metric));
    }
    options.metric = *metric;
  }
  QALAM_ASSIGN_OR_RETURN(options.start_step, StartStepSetting(settings, options.start_step));
  return options;
}

}  // namespace

absl::Status Validate(const Settings& settings) { return ReadOptions(settings).status(); }

absl::StatusOr<std::unique_ptr<EarlyStopper>> Create(const Problem& problem) {
  QALAM_ASSIGN_OR_RETURN(const Options options, ReadOptions(problem.settings));
  StoppingRule rule{options.metric, options.value, Comparison::kGreater, options.start_step};
  if (options.metric.empty()) {
    QALAM_ASSIGN_OR_RETURN(const Objective objective, NamedObjective(problem, "threshold"));
    rule.metric = objective.metric;
    rule.comparison = WorseIn(objective.direction);
  }
  if (options.comparison) rule.comparison = *options.comparison;
  return FixedRule(std::move(rule));
}

}  // namespace qalam::algorithms::threshold_stop
