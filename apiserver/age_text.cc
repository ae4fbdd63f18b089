#include "apiserver/age_text.h"

#include <fmt/format.h>

#include <cstdint>
#include <string_view>

namespace qalam::apiserver {
namespace {

// "3m10s", "3m"
std::string Pair(std::int64_t large, std::string_view large_unit, std::int64_t small,
                 std::string_view small_unit) {
  if (small == 0) return fmt::format("{}{}", large, large_unit);
  return fmt::format("{}{}{}{}", large, large_unit, small, small_unit);
}

}  // namespace

// The limits are those of Kubernetes' HumanDuration, which kubectl's users are used to.
std::string AgeText(absl::Duration age) {
  const std::int64_t seconds = absl::ToInt64Seconds(age);
  if (seconds < -1) return "<invalid>";
  if (seconds < 0) return "0s";
  if (seconds < 120) return fmt::format("{}s", seconds);
  const std::int64_t minutes = seconds / 60;
  if (minutes < 10) return Pair(minutes, "m", seconds % 60, "s");
  if (minutes < 180) return fmt::format("{}m", minutes);
  const std::int64_t hours = minutes / 60;
  if (hours < 8) return Pair(hours, "h", minutes % 60, "m");
  if (hours < 48) return fmt::format("{}h", hours);
  const std::int64_t days = hours / 24;
  if (days < 8) return Pair(days, "d", hours % 24, "h");
  if (days < 2 * 365) return fmt::format("{}d", days);
  if (days < 8 * 365) return Pair(days / 365, "y", days % 365, "d");
  return fmt::format("{}y", days / 365);
}

}  // namespace qalam::apiserver
