#include "metrics/output_tail.h"

#include <gmock/gmock.h>

#include "metrics/utf8.h"

namespace qalam::metrics {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(OutputTail, ListsLinesThatAreNotBlank) {
  OutputTail tail;
  EXPECT_THAT(tail.Lines(), IsEmpty());
  tail.Append("one\n\n  \ntw");
  tail.Append("o\r\nthree\rfour");
  EXPECT_THAT(tail.Lines(), ElementsAre("one", "two", "three", "four"));
}

TEST(OutputTail, KeepsTheLastFifty) {
  OutputTail tail;
  for (int i = 0; i < 100'000; ++i) tail.Append(std::to_string(i) + "\n");
  const auto lines = tail.Lines();
  ASSERT_EQ(lines.size(), 50u);
  EXPECT_EQ(lines.front(), "99950");
  EXPECT_EQ(lines.back(), "99999");
}

TEST(OutputTail, CutsLinesTo500BytesOfUtf8) {
  OutputTail tail;
  tail.Append(std::string(499, 'x') + "\xC3\xA9\n" + std::string(2'000, '\xFF'));
  const auto lines = tail.Lines();
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].substr(0, 499), std::string(499, 'x'));
  for (const std::string& line : lines) {
    EXPECT_LE(line.size(), 500u);
    EXPECT_TRUE(IsValidUtf8(line));
  }
}

TEST(OutputTail, LeavesOutALineWhoseBeginningIsForgotten) {
  OutputTail tail;
  tail.Append(std::string(100'000, 'x') + "\nend");
  EXPECT_THAT(tail.Lines(), ElementsAre("end"));
  OutputTail alone;
  alone.Append(std::string(100'000, 'x'));
  EXPECT_THAT(alone.Lines(), ElementsAre(std::string(500, 'x')));
}

}  // namespace
}  // namespace qalam::metrics
