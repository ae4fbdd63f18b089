#include "metrics/timestamps.h"

#include <gtest/gtest.h>

#include <limits>

namespace qalam::metrics {
namespace {

TEST(NormalizeRfc3339, KeepsAsWritten) {
  for (const char* text :
       {"2024-05-01T12:00:00Z", "2024-05-01T12:00:00.25+02:00", "2024-02-29T23:59:59.123456789Z",
        "0001-01-01T00:00:00Z", "2024-05-01T12:00:00-23:59"}) {
    EXPECT_EQ(NormalizeRfc3339(text), text);
  }
}

TEST(NormalizeRfc3339, RaisesLettersAndShortensTheFraction) {
  EXPECT_EQ(NormalizeRfc3339("2024-05-01t12:00:00z"), "2024-05-01T12:00:00Z");
  EXPECT_EQ(NormalizeRfc3339("2024-05-01T12:00:00.1234567891Z"), "2024-05-01T12:00:00.123456789Z");
}

TEST(NormalizeRfc3339, RefusesEverythingElse) {
  for (const char* text : {"",
                           "12",
                           "2024-05-01",
                           "2024-05-01 12:00:00Z",
                           "2024-05-01T12:00:00",
                           "2024-05-01T12:00:00.Z",
                           "2024-05-01T12:00Z",
                           "2023-02-29T00:00:00Z",
                           "1900-02-29T00:00:00Z",
                           "2024-13-01T00:00:00Z",
                           "2024-00-01T00:00:00Z",
                           "2024-04-31T00:00:00Z",
                           "2024-05-01T24:00:00Z",
                           "2024-05-01T12:60:00Z",
                           "2024-05-01T12:00:60Z",
                           "2024-05-01T12:00:00+2:00",
                           "2024-05-01T12:00:00+24:00",
                           "2024-05-01T12:00:00Zx",
                           "2024-05-01T12:00:00+02:0",
                           "-024-05-01T12:00:00Z",
                           "2024-05-01T12:00:00,5Z"}) {
    EXPECT_EQ(NormalizeRfc3339(text), std::nullopt) << text;
  }
}

TEST(UnixSecondsText, ReadsTheFractionAsAFraction) {
  EXPECT_EQ(UnixSecondsText(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(UnixSecondsText(1638422847.28721), "2021-12-02T05:27:27.28721Z");
  EXPECT_EQ(UnixSecondsText(1638422847), "2021-12-02T05:27:27Z");
  EXPECT_EQ(UnixSecondsText(-0.5), "1969-12-31T23:59:59.5Z");
}

TEST(UnixSecondsText, HoldsToTheYearsOfRfc3339) {
  EXPECT_EQ(UnixSecondsText(-62135596800), "0001-01-01T00:00:00Z");
  EXPECT_EQ(UnixSecondsText(253402300799), "9999-12-31T23:59:59Z");
  EXPECT_EQ(UnixSecondsText(253402300800), std::nullopt);
  EXPECT_EQ(UnixSecondsText(-62135596801), std::nullopt);
  EXPECT_EQ(UnixSecondsText(1638422847000), std::nullopt);  // milliseconds
  EXPECT_EQ(UnixSecondsText(std::numeric_limits<double>::quiet_NaN()), std::nullopt);
  EXPECT_EQ(UnixSecondsText(std::numeric_limits<double>::infinity()), std::nullopt);
}

}  // namespace
}  // namespace qalam::metrics
