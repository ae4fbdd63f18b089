#include "server/trace_context.h"

#include <gtest/gtest.h>

namespace qalam::server {
namespace {

TEST(RequestId, IsTheCallersIfItIsUsable) {
  EXPECT_EQ(RequestId("a-1/b"), "a-1/b");
  EXPECT_EQ(RequestId(std::string(128, 'x')), std::string(128, 'x'));
}

TEST(RequestId, IsNewOtherwise) {
  for (const std::optional<std::string_view> given :
       {std::optional<std::string_view>(), std::optional<std::string_view>(""),
        std::optional<std::string_view>("a b"), std::optional<std::string_view>("a\n")}) {
    const std::string made = RequestId(given);
    EXPECT_EQ(made.size(), 32u);
    EXPECT_EQ(made.find_first_not_of("0123456789abcdef"), std::string::npos);
    EXPECT_NE(RequestId(given), made);
  }
  EXPECT_EQ(RequestId(std::string(129, 'x')).size(), 32u);
}

// The example of W3C Trace Context, section 3.2.2, and what it forbids.
TEST(IsTraceParent, FollowsTheStandard) {
  EXPECT_TRUE(IsTraceParent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
  EXPECT_TRUE(IsTraceParent("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-later"));
  for (const char* wrong : {"", "00", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-later",
                            "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01later",
                            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00F067AA0BA902B7-01",
                            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0\n"}) {
    EXPECT_FALSE(IsTraceParent(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace qalam::server
