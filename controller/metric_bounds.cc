#include "controller/metric_bounds.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "algorithms/metric_constraints.h"
#include "api/trial_facts.h"
#include "base/extensions.h"
#include "base/number_text.h"
#include "controller/wire_convert.h"
#include "suggestion/proto_convert.h"

namespace qalam::controller {
namespace {

bool HasConstraints(const api::Experiment& experiment) {
  if (!experiment.spec.objective || !experiment.spec.algorithm) return false;
  const auto& settings = experiment.spec.algorithm->algorithm_settings;
  const auto& annotations = experiment.metadata.annotations;
  return annotations.find(std::string(kConstraintsExtension)) != annotations.end() ||
         std::any_of(settings.begin(), settings.end(),
                     [](const auto& setting) { return setting.name == kConstraintsExtension; });
}

double ValueOf(const api::ObjectiveSpec& objective, const api::Observation& observation,
               const std::string& metric) {
  const double value = ParseDouble(api::MetricText(objective, observation, metric)).value_or(std::nan(""));
  return std::isfinite(value) ? value : std::nan("");
}

}  // namespace

MetricBounds::MetricBounds(const api::Experiment& experiment) {
  if (!HasConstraints(experiment)) return;
  objective_ = *experiment.spec.objective;
  const absl::StatusOr<algorithms::Problem> problem = suggestion::ToProblem(ToWire(experiment, {}));
  if (!problem.ok()) return;
  for (const algorithms::MetricConstraint& constraint : problem->metric_constraints) {
    bounds_.push_back({constraint.metric, constraint.at_most, constraint.bound});
  }
}

double MetricBounds::Violation(const api::Observation& observation) const {
  double violation = 0;
  for (const Bound& bound : bounds_) {
    const algorithms::MetricConstraint constraint{bound.metric, bound.at_most, bound.value};
    const double value = ValueOf(objective_, observation, bound.metric);
    violation += algorithms::Violation({&constraint, 1}, {&value, 1});
  }
  return violation;
}

std::string MetricBounds::Broken(const api::Observation& observation) const {
  std::vector<std::string> broken;
  for (const Bound& bound : bounds_) {
    const double value = ValueOf(objective_, observation, bound.metric);
    if (std::isnan(value)) {
      broken.push_back(fmt::format("{} is missing", bound.metric));
    } else if (bound.at_most ? value > bound.value : value < bound.value) {
      broken.push_back(fmt::format("{} is {}, at {} {} is allowed", bound.metric, NumberText(value),
                                   bound.at_most ? "most" : "least", NumberText(bound.value)));
    }
  }
  return fmt::format("{}", fmt::join(broken, "; "));
}

}  // namespace qalam::controller
