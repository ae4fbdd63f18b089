#include "cli/styled_line.h"

#include <gtest/gtest.h>

namespace qalam::cli {
namespace {

StyledLine Sample() { return StyledLine().Add("ab ").Add("cdef", Style::kGood).Add(" gh"); }

TEST(StyledLine, JoinsPieces) {
  EXPECT_EQ(Sample().Render(0, true, false), "ab cdef gh");
  EXPECT_EQ(Sample().Render(10, true, false), "ab cdef gh");
  EXPECT_EQ(Sample().Render(10, true, true), "ab \033[32mcdef\033[0m gh");
}

TEST(StyledLine, CutsAcrossPiecesAndClosesColours) {
  EXPECT_EQ(Sample().Render(9, true, false), "ab cdef …");
  EXPECT_EQ(Sample().Render(8, true, false), "ab cdef…");
  EXPECT_EQ(Sample().Render(6, true, false), "ab cd…");
  EXPECT_EQ(Sample().Render(6, false, true), "ab \033[32mcd\033[0m~");
  EXPECT_EQ(Sample().Render(4, true, true), "ab …");
  EXPECT_EQ(Sample().Render(1, true, true), "…");
}

TEST(StyledLine, CountsWideCharactersAndNeverShowsHalfOfOne) {
  const StyledLine line = StyledLine().Add("日本").Add("語x");
  EXPECT_EQ(line.width(), 7);
  EXPECT_EQ(line.Render(7, true, false), "日本語x");
  EXPECT_EQ(line.Render(6, true, false), "日本…");
  EXPECT_EQ(line.Render(5, true, false), "日本…");
  EXPECT_EQ(line.Render(4, true, false), "日…");
  EXPECT_EQ(line.Render(7, false, false), "???x");
}

TEST(StyledLine, PadsToAColumn) {
  EXPECT_EQ(StyledLine().Add("日").PadTo(4).Add("x").Render(0, true, false), "日  x");
  EXPECT_EQ(StyledLine().Add("long").PadTo(2).Add("x").Render(0, true, false), "longx");
}

TEST(StyledLine, TextCannotSendEscapeSequences) {
  EXPECT_EQ(StyledLine().Add("a\033[31mb\n").Render(0, true, true), "a?[31mb ");
}

}  // namespace
}  // namespace qalam::cli
