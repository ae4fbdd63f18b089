#include "metrics/text_filters.h"

#include <gmock/gmock.h>

namespace qalam::metrics {
namespace {

using testing::HasSubstr;

TEST(TextFilters, StandForTheDefaultWhenEmpty) {
  EXPECT_EQ((*TextFilters::Compile({}))->Text(), kDefaultFilter);
  EXPECT_EQ((*TextFilters::Compile({"(a)(b)", "(c);(d)"}))->Text(), "(a)(b); (c);(d)");
}

TEST(TextFilters, NameTheExpressionThatIsWrong) {
  const absl::Status syntax = TextFilters::Compile({"(a)(b)", "(a"}).status();
  EXPECT_EQ(syntax.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(syntax.message()), HasSubstr("metricsFormat[1]: \"(a\""));
  const absl::Status groups = TextFilters::Compile({"loss=(.*)"}).status();
  EXPECT_EQ(groups.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(groups.message()), HasSubstr("two groups"));
}

TEST(TextFilters, MatchEmptyTextWithoutEnd) {
  std::vector<FilterMatch> matches;
  (*TextFilters::Compile({"(x*)(y*)"}))->Match("xyab", matches);
  EXPECT_EQ(matches.size(), 4u);  // "xy" at 0, then empty at 2, 3 and 4
}

TEST(TextFilters, LeaveOptionalGroupsEmpty) {
  std::vector<FilterMatch> matches;
  (*TextFilters::Compile({"(a)|(b)"}))->Match("ab", matches);
  ASSERT_EQ(matches.size(), 2u);
  EXPECT_EQ(matches[0].value, "");
  EXPECT_EQ(matches[1].name, "");
}

}  // namespace
}  // namespace qalam::metrics
