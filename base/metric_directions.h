// Which additional metrics are objectives: the text of the extension qalam.dev/objectives.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace qalam {

struct MetricDirection {
  std::string metric;
  bool maximize = false;
  bool operator==(const MetricDirection&) const = default;
};

/// Reads "latency: minimize; size: minimize": entries parted by ';' or line ends, blanks are free, a metric's name may contain
/// colons. INVALID_ARGUMENT, with the entry: no entry at all, one without a name or without a direction, a direction other
/// than minimize and maximize, a metric named twice.
absl::StatusOr<std::vector<MetricDirection>> ParseMetricDirections(std::string_view text);

}  // namespace qalam
