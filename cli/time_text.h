// Durations and times the way people read them.
#pragma once

#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "base/status.h"

namespace qalam::cli {

/// "0.4s", "12s", "4m12s", "2h05m", "3d04h": two units at most. Negative durations count as zero; "?" when
/// infinite.
std::string DurationText(absl::Duration duration);

/// The same for durations known to whole seconds only, as the times in resources are: "0s", "7s".
std::string WholeDurationText(absl::Duration duration);

/// One unit, for rough estimates and ages: "12s", "4m", "2h", "3d".
std::string RoughDurationText(absl::Duration duration);

/// "12:03:11" in `zone`.
std::string ClockText(absl::Time time, absl::TimeZone zone);

/// "2026-05-01 12:03:11" in `zone`.
std::string DateTimeText(absl::Time time, absl::TimeZone zone);

/// RFC 3339 in UTC with whole seconds, as in resources: "2026-05-01T12:03:11Z".
std::string TimestampText(absl::Time time);

/// Reads what users type: "90", "90s", "1.5h", "1h30m", "2d". A bare number is seconds.
/// INVALID_ARGUMENT for anything else, for zero and below, and beyond 1000 days.
absl::StatusOr<absl::Duration> ParseDurationText(std::string_view text);

}  // namespace qalam::cli
