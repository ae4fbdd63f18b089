#include "apiserver/age_text.h"

#include <gtest/gtest.h>

namespace qalam::apiserver {
namespace {

TEST(AgeText, HasFewerDigitsTheLongerAgo) {
  const std::pair<absl::Duration, const char*> expected[] = {
      {absl::Seconds(-2), "<invalid>"}, {absl::Seconds(-1), "0s"},
      {absl::ZeroDuration(), "0s"},     {absl::Milliseconds(5900), "5s"},
      {absl::Seconds(119), "119s"},     {absl::Seconds(120), "2m"},
      {absl::Seconds(190), "3m10s"},    {absl::Minutes(10) + absl::Seconds(5), "10m"},
      {absl::Minutes(179), "179m"},     {absl::Minutes(180), "3h"},
      {absl::Minutes(195), "3h15m"},    {absl::Hours(8) + absl::Minutes(59), "8h"},
      {absl::Hours(47), "47h"},         {absl::Hours(48), "2d"},
      {absl::Hours(52), "2d4h"},        {absl::Hours(24 * 8 + 5), "8d"},
      {absl::Hours(24 * 729), "729d"},  {absl::Hours(24 * 730), "2y"},
      {absl::Hours(24 * 771), "2y41d"}, {absl::Hours(24 * 365 * 8 + 24), "8y"},
  };
  for (const auto& [age, text] : expected) EXPECT_EQ(AgeText(age), text) << age;
}

}  // namespace
}  // namespace qalam::apiserver
