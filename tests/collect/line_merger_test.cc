#include "collect/line_merger.h"

#include <gtest/gtest.h>

namespace qalam::collect {
namespace {

class LineMergerTest : public testing::Test {
 protected:
  std::string seen_;
  LineMerger merger_{2, [this](std::string_view bytes) { seen_ += bytes; }};
};

TEST_F(LineMergerTest, KeepsLinesOfSeveralStreamsApart) {
  merger_.Feed(0, "loss=");
  merger_.Feed(1, "warn");
  merger_.Feed(0, "0.5\nepo");
  merger_.Feed(1, "ing\n");
  merger_.Feed(0, "ch\n");
  EXPECT_EQ(seen_, "loss=0.5\nwarning\nepoch\n");
}

TEST_F(LineMergerTest, EndsTheUnfinishedLineOfAStreamThatEnds) {
  merger_.Feed(0, "loss=1");
  merger_.Feed(1, "a\n");
  merger_.End(0);
  merger_.End(0);
  merger_.Feed(1, "b\n");
  EXPECT_EQ(seen_, "a\nloss=1\nb\n");
}

TEST_F(LineMergerTest, TakesACarriageReturnForALineEnd) {
  merger_.Feed(0, "10%\r20%");
  EXPECT_EQ(seen_, "10%\r");
}

TEST_F(LineMergerTest, HoldsNoMoreThanOneLineOfTheLongestLength) {
  const std::string half(LineMerger::kMaxHeldBytes / 2 + 1, 'x');
  merger_.Feed(0, half);
  EXPECT_EQ(seen_, "");
  merger_.Feed(0, half);
  EXPECT_EQ(seen_, half + half);
}

}  // namespace
}  // namespace qalam::collect
