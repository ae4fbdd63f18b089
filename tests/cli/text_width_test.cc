#include "cli/text_width.h"

#include <gtest/gtest.h>

namespace qalam::cli {
namespace {

TEST(IsUtf8, RefusesOverlongSurrogateTruncatedAndTooLarge) {
  EXPECT_TRUE(IsUtf8(""));
  EXPECT_TRUE(IsUtf8("naïve 日本 🙂"));
  EXPECT_FALSE(IsUtf8("\xC0\xAF"));
  EXPECT_FALSE(IsUtf8("\xE0\x80\xAF"));
  EXPECT_FALSE(IsUtf8("\xED\xA0\x80"));
  EXPECT_FALSE(IsUtf8("\xF4\x90\x80\x80"));
  EXPECT_FALSE(IsUtf8("ok\xE6\x97"));
}

TEST(Printable, TakesTheTeethOutOfEscapeSequencesAndKeepsLinesWhole) {
  EXPECT_EQ(Printable("a\033[2Jb", true), "a?[2Jb");
  EXPECT_EQ(Printable("a\tb\nc\rd", true), "a b c d");
  EXPECT_EQ(Printable("\xC2\x9B", true), "?");  // the 8-bit control sequence introducer
  EXPECT_EQ(Printable("a\xE2\x80\xAE"
                      "b",
                      true),
            "a?b");  // right-to-left override
  EXPECT_EQ(Printable("\xFFx", true), "?x");
  EXPECT_EQ(Printable("é日x", false), "??x");
  EXPECT_EQ(Printable("é日x", true), "é日x");
}

TEST(DisplayWidth, CountsColumnsNotBytes) {
  EXPECT_EQ(DisplayWidth("abc"), 3);
  EXPECT_EQ(DisplayWidth("é"), 1);
  EXPECT_EQ(DisplayWidth("e\xCC\x81"), 1);  // e and a combining acute accent
  EXPECT_EQ(DisplayWidth("日本"), 4);
  EXPECT_EQ(DisplayWidth("🙂"), 2);
  EXPECT_EQ(DisplayWidth("▁█→…"), 4);
}

TEST(CutToWidth, EndsInAnEllipsisOnlyWhenSomethingIsCut) {
  EXPECT_EQ(CutToWidth("abcdef", 6, true), "abcdef");
  EXPECT_EQ(CutToWidth("abcdef", 5, true), "abcd…");
  EXPECT_EQ(CutToWidth("abcdef", 5, false), "abcd~");
  EXPECT_EQ(CutToWidth("abcdef", 1, false), "~");
  EXPECT_EQ(CutToWidth("abcdef", 0, true), "");
  EXPECT_EQ(CutToWidth("", 0, true), "");
}

TEST(CutToWidth, NeverSplitsAWideCharacter) {
  EXPECT_EQ(CutToWidth("日本語", 6, true), "日本語");
  EXPECT_EQ(CutToWidth("日本語", 5, true), "日本…");
  EXPECT_EQ(CutToWidth("日本語", 4, true), "日…");  // three columns: the next character would need two
}

TEST(PadToWidth, CountsColumns) {
  EXPECT_EQ(PadToWidth("日", 4), "日  ");
  EXPECT_EQ(PadToWidth("7", 3, true), "  7");
  EXPECT_EQ(PadToWidth("long", 2), "long");
}

}  // namespace
}  // namespace qalam::cli
