#include "apiserver/continue_token.h"

#include "apiserver/failure.h"
#include "gtest/gtest.h"

namespace qalam::apiserver {
namespace {

const ListScope kScope{FindResourceType("kubeflow.org", "v1beta1", "trials"), "team", "a=b", ""};
const ListPosition kPosition{.resource_version = "17", .after = {"team", "x-1"}};

TEST(ContinueToken, IsReadByTheListThatItWasMadeFor) {
  const std::string token = WriteContinueToken(kScope, kPosition);
  EXPECT_EQ(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
            std::string::npos);
  ASSERT_TRUE(ReadContinueToken(kScope, token).ok());
  EXPECT_EQ(*ReadContinueToken(kScope, token), kPosition);
}

TEST(ContinueToken, IsRefusedByEveryOtherList) {
  const std::string token = WriteContinueToken(kScope, kPosition);
  ListScope other = kScope;
  other.type = FindResourceType("kubeflow.org", "v1beta1", "experiments");
  EXPECT_EQ(CodeOf(ReadContinueToken(other, token).status()), 400);
  for (auto member : {&ListScope::namespace_name, &ListScope::label_selector, &ListScope::field_selector}) {
    other = kScope;
    other.*member = "c";
    EXPECT_EQ(CodeOf(ReadContinueToken(other, token).status()), 400);
    other.*member = "";
    EXPECT_EQ(ReadContinueToken(other, token).ok(), kScope.*member == "");
  }
}

TEST(ContinueToken, NamesNoPlaceOutsideItsNamespace) {
  ListPosition outside = kPosition;
  outside.after.namespace_name = "other";
  EXPECT_EQ(CodeOf(ReadContinueToken(kScope, WriteContinueToken(kScope, outside)).status()), 400);
}

TEST(ContinueToken, IsRefusedWhenAnyOfItIsChanged) {
  const std::string token = WriteContinueToken(kScope, kPosition);
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_EQ(CodeOf(ReadContinueToken(kScope, changed).status()), 400) << i;
    EXPECT_FALSE(ReadContinueToken(kScope, token.substr(0, i)).ok()) << i;
  }
  for (const char* wrong : {"", "W10", "bnVsbA", "%%", "eyJhIjoxfQ"}) {
    EXPECT_FALSE(ReadContinueToken(kScope, wrong).ok()) << wrong;
  }
  EXPECT_FALSE(ReadContinueToken(kScope, std::string(100'000, 'A')).ok());
}

}  // namespace
}  // namespace qalam::apiserver
