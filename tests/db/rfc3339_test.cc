#include "db/rfc3339.h"

#include <gtest/gtest.h>

namespace qalam::db {
namespace {

std::string Again(std::string_view text) {
  const std::optional<Timestamp> time = ParseRfc3339(text);
  return time ? FormatRfc3339(*time) : "not a time";
}

TEST(Rfc3339, ComesBackInUtcWithoutTrailingZeros) {
  EXPECT_EQ(Again("2024-03-04T17:55:08Z"), "2024-03-04T17:55:08Z");
  EXPECT_EQ(Again("2024-03-04T17:55:08.120Z"), "2024-03-04T17:55:08.12Z");
  EXPECT_EQ(Again("2024-03-04T17:55:08.000000000Z"), "2024-03-04T17:55:08Z");
  EXPECT_EQ(Again("2024-03-04T17:55:08+05:30"), "2024-03-04T12:25:08Z");
  EXPECT_EQ(Again("2024-03-04T22:55:08-08:00"), "2024-03-05T06:55:08Z");
}

TEST(Rfc3339, KeepsNanosecondsAndCutsTheRest) {
  EXPECT_EQ(Again("2024-03-04T17:55:08.123456789Z"), "2024-03-04T17:55:08.123456789Z");
  EXPECT_EQ(Again("2024-03-04T17:55:08.0000000019Z"), "2024-03-04T17:55:08.000000001Z");
  EXPECT_EQ(ParseRfc3339("1969-12-31T23:59:59.25Z"), (Timestamp{-1, 250'000'000}));
}

TEST(Rfc3339, ReachesFromYear0To9999) {
  EXPECT_EQ(ParseRfc3339("0001-01-01T00:00:00Z"), (Timestamp{-62'135'596'800, 0}));
  EXPECT_EQ(Again("0001-01-01T00:00:00Z"), "0001-01-01T00:00:00Z");
  EXPECT_EQ(Again("0001-01-01T00:00:00+01:00"), "0000-12-31T23:00:00Z");
  EXPECT_EQ(Again("9999-12-31T23:59:59.999999999Z"), "9999-12-31T23:59:59.999999999Z");
  EXPECT_EQ(Again("0000-01-01T00:00:00+00:01"), "not a time");
  EXPECT_EQ(Again("9999-12-31T23:59:59-00:01"), "not a time");
}

TEST(Rfc3339, KnowsLeapDays) {
  EXPECT_EQ(Again("2024-02-29T00:00:00Z"), "2024-02-29T00:00:00Z");
  EXPECT_EQ(Again("2023-02-29T00:00:00Z"), "not a time");
}

class Refused : public testing::TestWithParam<const char*> {};

TEST_P(Refused, IsNoTime) { EXPECT_EQ(ParseRfc3339(GetParam()), std::nullopt); }

INSTANTIATE_TEST_SUITE_P(
    Rfc3339, Refused,
    testing::Values("", "2024", "2024-03-04", "2024-03-04T17:55:08", "2024-03-04t17:55:08Z",
                    "2024-03-04T17:55:08z", "2024-03-04 17:55:08Z", "2024-03-04T17:55:08+0000",
                    "2024-03-04T17:55:08+00", "2024-03-04T17:55:08.Z", "2024-03-04T17:55:08,5Z",
                    "2024-13-04T17:55:08Z", "2024-00-04T17:55:08Z", "2024-03-32T17:55:08Z",
                    "2024-03-04T24:00:00Z", "2024-03-04T17:60:08Z", "2024-03-04T17:55:60Z",
                    "2024-03-04T17:55:08+24:00", "2024-03-04T17:55:08+05:60", "24-03-04T17:55:08Z",
                    "2024-03-04T17:55:08Zx", " 2024-03-04T17:55:08Z", "-2024-03-04T17:55:08Z"));

}  // namespace
}  // namespace qalam::db
