// Times as Kubernetes writes them: RFC 3339, UTC, whole seconds.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace qalam::api {

/// Without the fraction of a second. Serialised times have none, so the ones kept in memory must not either: a
/// resource read back is equal.
absl::Time WholeSeconds(absl::Time time);

/// "2026-06-01T09:30:00Z". Years outside 0 to 9999 are moved to the nearest one inside.
void AppendTime(absl::Time time, std::string& out);

/// Any RFC 3339 time; a fraction of a second is dropped.
std::optional<absl::Time> ParseTime(std::string_view text);

}  // namespace qalam::api
