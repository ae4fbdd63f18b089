#include "metrics/timestamps.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "absl/time/time.h"

namespace qalam::metrics {
namespace {

constexpr size_t kFractionDigits = 9;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The decimal number in text[at, at + digits), -1 if there is none.
int Number(std::string_view text, size_t at, size_t digits) {
  if (text.size() < at + digits) return -1;
  int value = 0;
  for (size_t i = at; i < at + digits; ++i) {
    if (!IsDigit(text[i])) return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

bool InRange(int value, int low, int high) { return value >= low && value <= high; }

int DaysInMonth(int year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[month - 1];
}

// YYYY-MM-DDThh:mm:ss in front of `text`.
bool StartsWithDateTime(std::string_view text) {
  if (text.size() < 20 || text[4] != '-' || text[7] != '-' || text[13] != ':' || text[16] != ':')
    return false;
  if (text[10] != 'T' && text[10] != 't') return false;
  const int year = Number(text, 0, 4), month = Number(text, 5, 2), day = Number(text, 8, 2);
  return year >= 0 && InRange(month, 1, 12) && InRange(day, 1, DaysInMonth(year, month)) &&
         InRange(Number(text, 11, 2), 0, 23) && InRange(Number(text, 14, 2), 0, 59) &&
         InRange(Number(text, 17, 2), 0, 59);
}

bool IsZone(std::string_view text) {
  if (text == "Z" || text == "z") return true;
  return text.size() == 6 && (text[0] == '+' || text[0] == '-') && text[3] == ':' &&
         InRange(Number(text, 1, 2), 0, 23) && InRange(Number(text, 4, 2), 0, 59);
}

}  // namespace

std::optional<std::string> NormalizeRfc3339(std::string_view text) {
  if (!StartsWithDateTime(text)) return std::nullopt;
  size_t zone = 19;
  if (text[zone] == '.') {
    do ++zone;
    while (zone < text.size() && IsDigit(text[zone]));
    if (zone == 20) return std::nullopt;
  }
  if (!IsZone(text.substr(zone))) return std::nullopt;
  std::string result(text.substr(0, std::min(zone, 20 + kFractionDigits)));
  result += text.substr(zone);
  result[10] = 'T';
  if (result.back() == 'z') result.back() = 'Z';
  return result;
}

std::optional<std::string> UnixSecondsText(double seconds) {
  constexpr double kYear1 = -62135596800, kYear10000 = 253402300800;
  if (!(seconds >= kYear1 && seconds < kYear10000)) return std::nullopt;
  // A double near today resolves a quarter of a microsecond, so the product is within half of the one meant.
  const absl::Time time = absl::FromUnixMicros(std::llround(seconds * 1e6));
  if (time >= absl::FromUnixSeconds(static_cast<std::int64_t>(kYear10000))) return std::nullopt;
  return absl::FormatTime("%E4Y-%m-%dT%H:%M:%E*SZ", time, absl::UTCTimeZone());
}

}  // namespace qalam::metrics
