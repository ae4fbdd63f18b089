#include "db/rfc3339.h"

#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace qalam::db {
namespace {

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool Skip(char c) {
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }

  bool Number(int digits, int& value) {
    value = 0;
    for (; digits > 0; --digits) {
      int digit;
      if (!Digit(digit)) return false;
      value = 10 * value + digit;
    }
    return true;
  }

  bool Digit(int& digit) {
    if (text_.empty() || text_.front() < '0' || text_.front() > '9') return false;
    digit = text_.front() - '0';
    text_.remove_prefix(1);
    return true;
  }

  bool AtEnd() const { return text_.empty(); }

 private:
  std::string_view text_;
};

bool ReadFraction(Reader& in, std::int32_t& nanoseconds) {
  int digit;
  if (!in.Digit(digit)) return false;
  std::int32_t unit = 100'000'000;
  do {
    nanoseconds += digit * unit;
    unit /= 10;
  } while (in.Digit(digit));
  return true;
}

bool ReadOffset(Reader& in, int& seconds) {
  seconds = 0;
  if (in.Skip('Z')) return true;
  const bool west = in.Skip('-');
  int hours, minutes;
  if (!west && !in.Skip('+')) return false;
  if (!in.Number(2, hours) || !in.Skip(':') || !in.Number(2, minutes) || hours > 23 || minutes > 59)
    return false;
  seconds = (west ? -1 : 1) * (3'600 * hours + 60 * minutes);
  return true;
}

// Puts the digits of a number so that they end before `end`, over zeros. Formatting by the usual means takes longer than
// reading a point from the database.
void Write(int number, char* end) {
  for (; number > 0; number /= 10) *--end = static_cast<char>('0' + number % 10);
}

const std::int64_t kFirstSecond =
    absl::ToUnixSeconds(absl::FromCivil(absl::CivilYear(0), absl::UTCTimeZone()));
const std::int64_t kEndSecond =
    absl::ToUnixSeconds(absl::FromCivil(absl::CivilYear(10'000), absl::UTCTimeZone()));

}  // namespace

std::optional<Timestamp> ParseRfc3339(std::string_view text) {
  Reader in(text);
  int year, month, day, hour, minute, second, offset;
  Timestamp time;
  if (!in.Number(4, year) || !in.Skip('-') || !in.Number(2, month) || !in.Skip('-') || !in.Number(2, day) ||
      !in.Skip('T') || !in.Number(2, hour) || !in.Skip(':') || !in.Number(2, minute) || !in.Skip(':') ||
      !in.Number(2, second)) {
    return std::nullopt;
  }
  if (in.Skip('.') && !ReadFraction(in, time.nanoseconds)) return std::nullopt;
  if (!ReadOffset(in, offset) || !in.AtEnd()) return std::nullopt;
  const absl::CivilSecond civil(year, month, day, hour, minute, second);
  // CivilSecond normalises: what it changed was not a date.
  if (civil.month() != month || civil.day() != day || civil.hour() != hour || civil.minute() != minute ||
      civil.second() != second) {
    return std::nullopt;
  }
  time.seconds = (civil - absl::CivilSecond(1970, 1, 1)) - offset;
  if (time.seconds < kFirstSecond || time.seconds >= kEndSecond) return std::nullopt;
  return time;
}

std::string FormatRfc3339(Timestamp time) {
  const absl::CivilSecond civil = absl::CivilSecond(1970, 1, 1) + time.seconds;
  std::string text = "0000-00-00T00:00:00Z";
  Write(static_cast<int>(civil.year()), &text[4]);
  Write(civil.month(), &text[7]);
  Write(civil.day(), &text[10]);
  Write(civil.hour(), &text[13]);
  Write(civil.minute(), &text[16]);
  Write(civil.second(), &text[19]);
  if (time.nanoseconds == 0) return text;
  text.replace(19, 1, ".000000000");
  Write(time.nanoseconds, &text[29]);
  text.erase(text.find_last_not_of('0') + 1);
  return text + 'Z';
}

}  // namespace qalam::db
