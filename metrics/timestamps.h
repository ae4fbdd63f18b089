// Timestamps as programs write them, to RFC 3339 as the observation log takes them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace qalam::metrics {

/// Time of a point whose line carries none.
inline constexpr std::string_view kZeroTime = "0001-01-01T00:00:00Z";

/// `text` if it is an RFC 3339 date-time (2024-05-01T12:00:00.25+02:00), as written; lower-case `t` and `z`
/// become upper-case and digits of the fraction past the ninth are dropped. Nothing for anything else: no
/// zone, a blank for the `T`, a day that does not exist, second 60 (Go, and so Katib, has no leap seconds).
std::optional<std::string> NormalizeRfc3339(std::string_view text);

/// Seconds since 1970 UTC, fraction included, in whole microseconds (what the observation log keeps), without
/// trailing zeros: 1638422847.28721 -> "2021-12-02T05:27:27.28721Z". Nothing if not finite or outside the
/// years 1 to 9999.
std::optional<std::string> UnixSecondsText(double seconds);

}  // namespace qalam::metrics
