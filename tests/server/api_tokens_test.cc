#include "server/api_tokens.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace qalam::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string Fault(const std::string& text) {
  const auto lines = ReadTokenFile("tokens.csv", text);
  EXPECT_TRUE(absl::IsInvalidArgument(lines.status())) << lines.status();
  return std::string(MessageOf(lines.status()));
}

TEST(TokenFile, HasBothForms) {
  const auto lines = ReadTokenFile("tokens.csv",
                                   "# it's \"quoted\", this comment\n"
                                   "one,alice,1001,\"team-a, leads\"\r\n"
                                   "\n"
                                   "two,bob,1002\n"
                                   "three,carol,1003,team-c\n"
                                   "  four  ");
  ASSERT_TRUE(lines.ok()) << lines.status();
  ASSERT_EQ(lines->size(), 4u);
  EXPECT_EQ((*lines)[0].token, "one");
  EXPECT_EQ((*lines)[0].user.name, "alice");
  EXPECT_THAT((*lines)[0].user.groups, ElementsAre("team-a", "leads"));
  EXPECT_EQ((*lines)[1].user.name, "bob");
  EXPECT_THAT((*lines)[1].user.groups, IsEmpty());
  EXPECT_THAT((*lines)[2].user.groups, ElementsAre("team-c"));
  EXPECT_EQ((*lines)[3].token, "four");
  EXPECT_EQ((*lines)[3].user.name, "token");
}

TEST(TokenFile, FaultsNameTheLineAndNoToken) {
  EXPECT_THAT(Fault("# users\nsecret,alice\n"),
              HasSubstr("tokens.csv:2: 2 columns; a line should be TOKEN alone"));
  EXPECT_THAT(Fault("secret,alice,1,g,h"), HasSubstr("tokens.csv:1: 5 columns"));
  EXPECT_THAT(Fault(" ,alice,1"), HasSubstr("tokens.csv:1: the first column should be a token"));
  EXPECT_THAT(Fault("secret, ,1"), HasSubstr("tokens.csv:1: the second column should be a user's name"));
  EXPECT_THAT(Fault("secret,a,1\n\nsecret,b,2"), HasSubstr("tokens.csv:3: the token is on an earlier line"));
  EXPECT_THAT(Fault("secret,a,1,\"g"), HasSubstr("tokens.csv: line 1"));
  EXPECT_THAT(Fault(""), HasSubstr("tokens.csv should have at least one token"));
  EXPECT_THAT(Fault("#secret\n \n"), HasSubstr("at least one token"));
  for (const char* text : {"secret,alice", "secret,a,1\nsecret,b,2", "secret,a,1,\"g"}) {
    EXPECT_THAT(Fault(text), Not(HasSubstr("secret")));
  }
}

TEST(ApiTokens, AreFoundWholeAlone) {
  const ApiTokens tokens({{"one", {.name = "alice"}}, {"two", {.name = "bob"}}});
  ASSERT_NE(tokens.Find("two"), nullptr);
  EXPECT_EQ(tokens.Find("two")->name, "bob");
  for (const char* other : {"", "on", "onee", "One", "one ", "one,alice"}) {
    EXPECT_EQ(tokens.Find(other), nullptr) << other;
  }
}

}  // namespace
}  // namespace qalam::server
