#include "cli/time_text.h"

#include <gtest/gtest.h>

namespace qalam::cli {
namespace {

TEST(DurationText, HasTwoUnitsAtMost) {
  EXPECT_EQ(DurationText(absl::ZeroDuration()), "0.0s");
  EXPECT_EQ(DurationText(-absl::Seconds(3)), "0.0s");
  EXPECT_EQ(DurationText(absl::Milliseconds(1234)), "1.2s");
  EXPECT_EQ(DurationText(absl::Milliseconds(9960)), "10s");
  EXPECT_EQ(DurationText(absl::Milliseconds(59'499)), "59s");
  EXPECT_EQ(DurationText(absl::Milliseconds(59'500)), "1m00s");
  EXPECT_EQ(DurationText(absl::Minutes(59) + absl::Seconds(7)), "59m07s");
  EXPECT_EQ(DurationText(absl::Hours(2) + absl::Minutes(5)), "2h05m");
  EXPECT_EQ(DurationText(absl::Hours(76)), "3d04h");
  EXPECT_EQ(DurationText(absl::InfiniteDuration()), "?");
}

TEST(WholeDurationText, ClaimsNoFractions) {
  EXPECT_EQ(WholeDurationText(absl::Seconds(1)), "1s");
  EXPECT_EQ(WholeDurationText(-absl::Seconds(1)), "0s");
  EXPECT_EQ(WholeDurationText(absl::Seconds(61)), "1m01s");
}

TEST(RoughDurationText, HasOneUnit) {
  EXPECT_EQ(RoughDurationText(absl::Seconds(119)), "119s");
  EXPECT_EQ(RoughDurationText(absl::Seconds(120)), "2m");
  EXPECT_EQ(RoughDurationText(absl::Hours(47)), "47h");
  EXPECT_EQ(RoughDurationText(absl::Hours(48)), "2d");
  EXPECT_EQ(RoughDurationText(-absl::Hours(1)), "0s");
}

TEST(ClockText, UsesTheZone) {
  const absl::Time time = absl::FromUnixSeconds(1'777'636'991);  // 2026-05-01 12:03:11 UTC
  EXPECT_EQ(ClockText(time, absl::UTCTimeZone()), "12:03:11");
  EXPECT_EQ(ClockText(time, absl::FixedTimeZone(2 * 3600)), "14:03:11");
  EXPECT_EQ(DateTimeText(time, absl::UTCTimeZone()), "2026-05-01 12:03:11");
  EXPECT_EQ(TimestampText(time), "2026-05-01T12:03:11Z");
}

TEST(ParseDurationText, ReadsWhatPeopleType) {
  EXPECT_EQ(ParseDurationText("90").value(), absl::Seconds(90));
  EXPECT_EQ(ParseDurationText("90s").value(), absl::Seconds(90));
  EXPECT_EQ(ParseDurationText("1.5h").value(), absl::Minutes(90));
  EXPECT_EQ(ParseDurationText("1h30m").value(), absl::Minutes(90));
  EXPECT_EQ(ParseDurationText("2d").value(), absl::Hours(48));
  EXPECT_EQ(ParseDurationText("0.25").value(), absl::Milliseconds(250));
}

TEST(ParseDurationText, RefusesEverythingElse) {
  for (const char* text :
       {"", "s", "0", "0s", "-5s", "5x", "1h30", "1..5s", "inf", "nan", "5 s", "1001d", "1e3s"}) {
    const auto result = ParseDurationText(text);
    EXPECT_EQ(result.status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

}  // namespace
}  // namespace qalam::cli
