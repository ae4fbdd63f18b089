#include "controller/metric_bounds.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <utility>

#include "algorithms/metric_constraints.h"
#include "api/extension_text.h"
#include "api/trial_facts.h"
#include "base/extensions.h"
#include "base/number_text.h"
#include "controller/wire_convert.h"
#include "suggestion/proto_convert.h"

namespace qalam::controller {
namespace {

double ValueOf(const api::ObjectiveSpec& objective, const api::Observation& observation,
               const std::string& metric) {
  const double value = ParseDouble(api::MetricText(objective, observation, metric)).value_or(std::nan(""));
  return std::isfinite(value) ? value : std::nan("");
}

}  // namespace

MetricBounds::MetricBounds(const api::Experiment& experiment) {
  if (!experiment.spec.objective || api::ExtensionText(experiment, kConstraintsExtension).empty()) return;
  objective_ = *experiment.spec.objective;
  absl::StatusOr<algorithms::Problem> problem = suggestion::ToProblem(ToWire(experiment, {}));
  if (problem.ok()) bounds_ = std::move(problem->metric_constraints);
}

double MetricBounds::Violation(const api::Observation& observation) const {
  std::vector<double> values;
  for (const algorithms::MetricConstraint& bound : bounds_) {
    values.push_back(ValueOf(objective_, observation, bound.metric));
  }
  return algorithms::Violation(bounds_, values);
}

std::string MetricBounds::Broken(const api::Observation& observation) const {
  std::vector<std::string> broken;
  for (const algorithms::MetricConstraint& bound : bounds_) {
    const double value = ValueOf(objective_, observation, bound.metric);
    if (std::isnan(value)) {
      broken.push_back(fmt::format("{} is missing", bound.metric));
    } else if (bound.at_most ? value > bound.bound : value < bound.bound) {
      broken.push_back(fmt::format("{} is {}, at {} {} is allowed", bound.metric, NumberText(value),
                                   bound.at_most ? "most" : "least", NumberText(bound.bound)));
    }
  }
  return fmt::format("{}", fmt::join(broken, "; "));
}

}  // namespace qalam::controller
