#include "server/trial_access.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace qalam::server {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class TrialAccessTest : public testing::Test {
 protected:
  static TrialIdentity Trial(const std::string& name, const std::string& name_space = "default") {
    return {.uid = name_space + "/" + name, .namespace_name = name_space, .name = name};
  }

  int granted_ = 0;
  TrialAccess access_{[this] {
    ++granted_;
    return fmt::format("{:016}{:032}", granted_, granted_ * 7);
  }};
};

TEST_F(TrialAccessTest, ATokenNamesItsTrialUntilTheTrialEnds) {
  const std::string one = access_.Grant(Trial("one")), two = access_.Grant(Trial("two"));
  EXPECT_EQ(access_.ByToken(one)->name, "one");
  EXPECT_EQ(access_.ByToken(two)->name, "two");
  access_.Revoke("default/one");
  const absl::Status ended = access_.ByToken(one).status();
  EXPECT_TRUE(absl::IsPermissionDenied(ended)) << ended;
  EXPECT_THAT(std::string(ended.message()), AllOf(HasSubstr("one"), HasSubstr("ended")));
  EXPECT_EQ(access_.ByToken(two)->name, "two");
}

TEST_F(TrialAccessTest, WhatIsNearlyATokenIsNone) {
  const std::string token = access_.Grant(Trial("one"));
  std::string last_wrong = token, first_wrong = token;
  last_wrong.back() ^= 1;
  first_wrong.front() ^= 1;
  for (const std::string& wrong : {std::string(), token.substr(0, 16), token.substr(0, 47), token + "0",
                                   token + token, last_wrong, first_wrong}) {
    EXPECT_TRUE(absl::IsUnauthenticated(access_.ByToken(wrong).status())) << wrong;
  }
}

TEST_F(TrialAccessTest, ALaunchMakesTheTokenOfTheOneBeforeVoid) {
  const std::string first = access_.Grant(Trial("one")), second = access_.Grant(Trial("one"));
  EXPECT_TRUE(absl::IsPermissionDenied(access_.ByToken(first).status()));
  EXPECT_EQ(access_.ByToken(second)->name, "one");
  EXPECT_EQ(access_.ByName("one")->uid, "default/one");
}

TEST_F(TrialAccessTest, ANameCountsWhileOneTrialAloneHasIt) {
  EXPECT_TRUE(absl::IsNotFound(access_.ByName("one").status()));
  access_.Grant(Trial("one"));
  EXPECT_EQ(access_.ByName("one")->uid, "default/one");
  access_.Grant(Trial("one", "other"));
  const absl::Status ambiguous = access_.ByName("one").status();
  EXPECT_TRUE(absl::IsPermissionDenied(ambiguous)) << ambiguous;
  EXPECT_THAT(std::string(ambiguous.message()),
              AllOf(HasSubstr("default"), HasSubstr("other"), HasSubstr("QALAM_TOKEN")));
  access_.Revoke("default/one");
  EXPECT_EQ(access_.ByName("one")->uid, "other/one");
  access_.Revoke("other/one");
  EXPECT_TRUE(absl::IsNotFound(access_.ByName("one").status()));
  EXPECT_TRUE(absl::IsNotFound(access_.ByName("").status()));
}

TEST_F(TrialAccessTest, ForgetsTheOldestOfManyThatHaveEnded) {
  const std::string first = access_.Grant(Trial("first"));
  access_.Revoke("default/first");
  for (int i = 0; i < 1'000; ++i) {
    const std::string name = fmt::format("trial-{}", i);
    access_.Grant(Trial(name));
    access_.Revoke("default/" + name);
  }
  EXPECT_TRUE(absl::IsUnauthenticated(access_.ByToken(first).status()));
}

TEST(RandomTokenTest, IsLongAndAnotherOneEachTime) {
  std::set<std::string> tokens;
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(tokens.insert(RandomToken()).first->size(), 48u);
  }
  EXPECT_EQ(tokens.size(), 100u);
}

}  // namespace
}  // namespace qalam::server
