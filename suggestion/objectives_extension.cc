#include "suggestion/objectives_extension.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/extensions.h"
#include "base/metric_directions.h"

namespace qalam::suggestion {
namespace {

absl::Status Refusal(std::string_view text) {
  return absl::InvalidArgumentError(fmt::format("{}: {}", kObjectivesExtension, text));
}

}  // namespace

absl::Status ReadObjectives(std::string_view text, const std::vector<std::string>& additional_metrics,
                            std::vector<algorithms::Objective>& objectives) {
  const absl::StatusOr<std::vector<MetricDirection>> directions = ParseMetricDirections(text);
  if (!directions.ok()) return Refusal(MessageOf(directions.status()));
  objectives.resize(1);  // of two settings with one name the last one counts
  const std::string first = objectives.front().metric;
  for (const MetricDirection& added : *directions) {
    if (added.metric == first) {
      return Refusal(
          fmt::format("{} is the objective of the experiment already; name the others only", first));
    }
    if (std::find(additional_metrics.begin(), additional_metrics.end(), added.metric) ==
        additional_metrics.end()) {
      return Refusal(fmt::format("{} is not among additionalMetricNames: {}", added.metric,
                                 additional_metrics.empty()
                                     ? "there are none"
                                     : fmt::format("{}", fmt::join(additional_metrics, ", "))));
    }
    objectives.push_back(
        {added.metric, added.maximize ? algorithms::Direction::kMaximize : algorithms::Direction::kMinimize});
  }
  return absl::OkStatus();
}

}  // namespace qalam::suggestion
