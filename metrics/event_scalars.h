// The scalars of one TensorFlow event.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace qalam::metrics {

struct EventScalar {
  std::string tag;    // valid UTF-8
  std::string value;  // the shortest text that reads back to the same number of the type it was written in
};

struct EventScalars {
  double wall_time = 0;  // seconds since 1970 UTC, as written: any double
  std::vector<EventScalar> scalars;
};

/// Scalars of TensorFlow 1 (simple_value) and 2 (a tensor with one element that is a real number, of any width).
/// Everything else an event may hold is passed over. Nothing if `record` is no Event.
std::optional<EventScalars> ReadEvent(std::string_view record);

}  // namespace qalam::metrics
