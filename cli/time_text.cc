#include "cli/time_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "base/number_text.h"

namespace qalam::cli {
namespace {

constexpr std::int64_t kMinute = 60, kHour = 60 * kMinute, kDay = 24 * kHour;

}  // namespace

std::string DurationText(absl::Duration duration) {
  if (duration >= absl::Milliseconds(9950)) return WholeDurationText(duration);
  return fmt::format("{:.1f}s", std::max(0.0, absl::ToDoubleSeconds(duration)));
}

std::string WholeDurationText(absl::Duration duration) {
  if (duration == absl::InfiniteDuration()) return "?";
  const std::int64_t s = std::max<std::int64_t>(0, absl::ToInt64Seconds(duration + absl::Milliseconds(500)));
  if (s < kMinute) return fmt::format("{}s", s);
  if (s < kHour) return fmt::format("{}m{:02}s", s / kMinute, s % kMinute);
  if (s < kDay) return fmt::format("{}h{:02}m", s / kHour, s % kHour / kMinute);
  return fmt::format("{}d{:02}h", s / kDay, s % kDay / kHour);
}

std::string RoughDurationText(absl::Duration duration) {
  if (duration == absl::InfiniteDuration()) return "?";
  const std::int64_t s = std::max<std::int64_t>(0, absl::ToInt64Seconds(duration));
  if (s < 2 * kMinute) return fmt::format("{}s", s);
  if (s < 2 * kHour) return fmt::format("{}m", s / kMinute);
  if (s < 2 * kDay) return fmt::format("{}h", s / kHour);
  return fmt::format("{}d", s / kDay);
}

std::string ClockText(absl::Time time, absl::TimeZone zone) {
  return absl::FormatTime("%H:%M:%S", time, zone);
}

std::string DateTimeText(absl::Time time, absl::TimeZone zone) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", time, zone);
}

std::string TimestampText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

absl::StatusOr<absl::Duration> ParseDurationText(std::string_view text) {
  const auto error = [&] {
    return absl::InvalidArgumentError(
        fmt::format("must be a duration above zero such as 90s, 15m or 1h30m, got \"{}\"", text));
  };
  std::string_view rest = text;
  double seconds = 0;
  if (rest.empty()) return error();
  while (!rest.empty()) {
    const size_t digits = std::min(rest.find_first_not_of("0123456789."), rest.size());
    const std::optional<double> number = ParseDouble(rest.substr(0, digits));
    if (digits == 0 || !number) return error();
    rest.remove_prefix(digits);
    if (rest.empty()) {
      if (digits != text.size()) return error();
      seconds = *number;
      break;
    }
    switch (rest.front()) {
      case 's':
        seconds += *number;
        break;
      case 'm':
        seconds += *number * kMinute;
        break;
      case 'h':
        seconds += *number * kHour;
        break;
      case 'd':
        seconds += *number * kDay;
        break;
      default:
        return error();
    }
    rest.remove_prefix(1);
  }
  if (!(seconds > 0) || seconds > 1000.0 * kDay) return error();
  return absl::Seconds(seconds);
}

}  // namespace qalam::cli
