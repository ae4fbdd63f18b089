// The text in which Prometheus clients show their metrics.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace qalam::metrics {

using Labels = std::vector<std::pair<std::string, std::string>>;  // name and value, in the order of the text

struct Sample {
  std::string_view name;
  Labels labels;
  std::string_view value;      // a number, NaN, +Inf or -Inf, as written
  std::string_view timestamp;  // as written; empty without one
};

/// Calls `on_sample` for each line of format 0.0.4 or OpenMetrics that holds a sample; views are valid during the
/// call. Comments and exemplars are passed over. Returns the number of lines that are neither.
std::int64_t ReadExposition(std::string_view text, const std::function<void(const Sample&)>& on_sample);

/// What a metric's name in an Experiment selects: samples of this name that carry these labels among theirs.
struct SampleSelector {
  std::string name;
  Labels labels;

  bool Selects(const Sample& sample) const;
};

/// `loss`, or `loss{phase="val"}` as it stands in the exposition. Nothing for anything else.
std::optional<SampleSelector> ReadSelector(std::string_view text);

}  // namespace qalam::metrics
