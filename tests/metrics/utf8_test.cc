#include "metrics/utf8.h"

#include <gtest/gtest.h>

namespace qalam::metrics {
namespace {

TEST(IsValidUtf8, FollowsTheUnicodeTable) {
  for (const std::string_view good :
       {"", "plain ascii, longer than eight", "\xC3\xA9", "\xE2\x82\xAC", "\xED\x9F\xBF", "\xEE\x80\x80",
        "\xF0\x9F\x98\x80", "\xF4\x8F\xBF\xBF", "12345678\xC3\xA9"}) {
    EXPECT_TRUE(IsValidUtf8(good)) << testing::PrintToString(good);
  }
  for (const std::string_view bad :
       {"\x80", "\xC3", "\xC0\xAF", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\xE2\x82", "\xE2\x82x", "12345678\xE9"}) {
    EXPECT_FALSE(IsValidUtf8(bad)) << testing::PrintToString(bad);
  }
}

TEST(ReplaceInvalidUtf8, PutsOneReplacementForEachBadByte) {
  EXPECT_EQ(ReplaceInvalidUtf8("a\xFF\xFE"
                               "b"),
            "a\xEF\xBF\xBD\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(ReplaceInvalidUtf8("\xE2\x82"), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(ReplaceInvalidUtf8("na\xC3\xAFve"), "na\xC3\xAFve");
}

TEST(CutUtf8, NeverEndsInsideACharacter) {
  EXPECT_EQ(CutUtf8("abc", 3), "abc");
  EXPECT_EQ(CutUtf8("abcd", 3), "abc");
  EXPECT_EQ(CutUtf8("ab\xC3\xA9", 3), "ab");
  EXPECT_EQ(CutUtf8("a\xF0\x9F\x98\x80", 4), "a");
  EXPECT_EQ(CutUtf8("a\xF0\x9F\x98\x80z", 5), "a\xF0\x9F\x98\x80");
}

}  // namespace
}  // namespace qalam::metrics
