#include "base/metric_directions.h"

#include <fmt/format.h>

#include <algorithm>

namespace qalam {
namespace {

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

absl::StatusOr<MetricDirection> ParseEntry(std::string_view entry) {
  const size_t colon = entry.rfind(':');
  if (colon == std::string_view::npos) {
    return absl::InvalidArgumentError(fmt::format("\"{}\" should be like METRIC: minimize", entry));
  }
  const std::string_view metric = Trimmed(entry.substr(0, colon));
  const std::string_view direction = Trimmed(entry.substr(colon + 1));
  if (metric.empty()) {
    return absl::InvalidArgumentError(fmt::format("\"{}\" names no metric before the colon", entry));
  }
  if (direction != "minimize" && direction != "maximize") {
    return absl::InvalidArgumentError(
        fmt::format("\"{}\": the direction is \"{}\"; should be minimize or maximize", entry, direction));
  }
  return MetricDirection{std::string(metric), direction == "maximize"};
}

}  // namespace

absl::StatusOr<std::vector<MetricDirection>> ParseMetricDirections(std::string_view text) {
  std::vector<MetricDirection> directions;
  while (!text.empty()) {
    const size_t end = std::min(text.find_first_of(";\n"), text.size());
    const std::string_view entry = Trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (entry.empty()) continue;
    QALAM_ASSIGN_OR_RETURN(MetricDirection direction, ParseEntry(entry));
    const bool known = std::any_of(directions.begin(), directions.end(),
                                   [&](const MetricDirection& d) { return d.metric == direction.metric; });
    if (known) {
      return absl::InvalidArgumentError(fmt::format("metric {} is named twice", direction.metric));
    }
    directions.push_back(std::move(direction));
  }
  if (directions.empty()) {
    return absl::InvalidArgumentError(
        "names no metric; should be like \"latency: minimize; size: minimize\"");
  }
  return directions;
}

}  // namespace qalam
