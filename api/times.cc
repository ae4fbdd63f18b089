#include "api/times.h"

#include <algorithm>

namespace qalam::api {
namespace {

void PutDigits(int value, int count, char* end) {
  for (; count > 0; --count, value /= 10) *--end = static_cast<char>('0' + value % 10);
}

}  // namespace

absl::Time WholeSeconds(absl::Time time) { return absl::FromUnixSeconds(absl::ToUnixSeconds(time)); }

void AppendTime(absl::Time time, std::string& out) {
  static const absl::Time kFirst = absl::FromCivil(absl::CivilSecond(0, 1, 1), absl::UTCTimeZone());
  static const absl::Time kLast =
      absl::FromCivil(absl::CivilSecond(9999, 12, 31, 23, 59, 59), absl::UTCTimeZone());
  const absl::CivilSecond c = absl::ToCivilSecond(std::clamp(time, kFirst, kLast), absl::UTCTimeZone());
  char text[] = "0000-00-00T00:00:00Z";
  PutDigits(static_cast<int>(c.year()), 4, text + 4);
  PutDigits(c.month(), 2, text + 7);
  PutDigits(c.day(), 2, text + 10);
  PutDigits(c.hour(), 2, text + 13);
  PutDigits(c.minute(), 2, text + 16);
  PutDigits(c.second(), 2, text + 19);
  out.append(text, 20);
}

std::optional<absl::Time> ParseTime(std::string_view text) {
  // absl's own "infinite-future" is no RFC 3339.
  if (text.empty() || text[0] < '0' || text[0] > '9') return std::nullopt;
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, absl::string_view(text.data(), text.size()), &time, &error)) {
    return std::nullopt;
  }
  return WholeSeconds(time);
}

}  // namespace qalam::api
