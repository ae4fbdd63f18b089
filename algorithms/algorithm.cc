#include "algorithms/algorithm.h"

#include <fmt/format.h>

namespace qalam::algorithms {

absl::Status CheckAsk(const Ask& ask) {
  if (ask.handed_out >= 0 && ask.handed_out <= Ask::kMaxHandedOut && ask.count >= 0) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("cannot suggest {} points after {}: both must be at least zero, the latter at most 10^15",
                  ask.count, ask.handed_out));
}

absl::Status CheckStop(const Ask& ask) {
  if (ask.stop_requested && ask.stop_requested())
    return absl::CancelledError("the request was given up by its caller");
  return absl::OkStatus();
}

absl::Status RequireParameters(const Problem& problem) {
  if (problem.space.size() > 0) return absl::OkStatus();
  return absl::InvalidArgumentError("parameters: at least one parameter is needed, got none");
}

}  // namespace qalam::algorithms
