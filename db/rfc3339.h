// Time stamps as the wire has them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace qalam::db {

/// Nanoseconds from year 0 to 9999; a plain pair, so that it orders and stores as it is.
struct Timestamp {
  std::int64_t seconds = 0;      // since 1970-01-01T00:00:00Z, negative before
  std::int32_t nanoseconds = 0;  // 0 .. 999'999'999
  auto operator<=>(const Timestamp&) const = default;
};

/// Reads RFC 3339 as Go does: "2024-03-04T17:55:08Z", "2024-03-04T17:55:08.123456789+05:30"; capital T and Z,
/// an offset is required, digits beyond nanoseconds are cut. Nothing for anything else, leap seconds and
/// times that are not in years 0 to 9999 of UTC included.
std::optional<Timestamp> ParseRfc3339(std::string_view text);

/// In UTC, trailing zeros of the fraction removed: "2024-03-04T17:55:08.12Z".
std::string FormatRfc3339(Timestamp time);

}  // namespace qalam::db
