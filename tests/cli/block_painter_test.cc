#include "cli/block_painter.h"

#include <gtest/gtest.h>

namespace qalam::cli {
namespace {

struct Painted {
  std::vector<std::string> writes;
  BlockPainter painter{[this](std::string_view text) { writes.emplace_back(text); }};
};

TEST(BlockPainter, GoesBackOverItsOwnLinesAndErasesThem) {
  Painted painted;
  painted.painter.Paint({"a", "b"});
  painted.painter.Paint({"c"});
  painted.painter.Paint({"d"});
  EXPECT_EQ(painted.writes, (std::vector<std::string>{"a\nb\n", "\r\033[2A\033[Jc\n", "\r\033[1A\033[Jd\n"}));
}

TEST(BlockPainter, WritesNothingWhenNothingChanged) {
  Painted painted;
  painted.painter.Paint({"a"});
  painted.painter.Paint({"a"});
  EXPECT_EQ(painted.writes.size(), 1u);
}

TEST(BlockPainter, PrintsAboveTheBlock) {
  Painted painted;
  painted.painter.Paint({"a"});
  painted.painter.PrintAbove("message");
  EXPECT_EQ(painted.writes.back(), "\r\033[1A\033[Jmessage\na\n");
}

TEST(BlockPainter, ClearLeavesNothingBehind) {
  Painted painted;
  painted.painter.Clear();
  EXPECT_TRUE(painted.writes.empty());
  painted.painter.Paint({"a"});
  painted.painter.Clear();
  EXPECT_EQ(painted.writes.back(), "\r\033[1A\033[J");
  painted.painter.Paint({"a"});
  EXPECT_EQ(painted.writes.back(), "a\n");
}

}  // namespace
}  // namespace qalam::cli
