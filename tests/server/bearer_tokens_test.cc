#include "server/bearer_tokens.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace qalam::server {
namespace {

class BearerTokensTest : public testing::Test {
 protected:
  BearerTokensTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "qalam-tokens-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
    path_ = directory_ + "/tokens";
  }
  ~BearerTokensTest() override { std::filesystem::remove_all(directory_); }

  // As a renewal does it: the file is another one.
  void Write(const std::string& text) {
    std::ofstream(path_ + ".new") << text;
    std::filesystem::rename(path_ + ".new", path_);
  }

  bool Knows(const std::string& token) {
    const absl::Status status = tokens_->Check("Bearer " + token, now_);
    EXPECT_TRUE(status.ok() || absl::IsUnauthenticated(status)) << status;
    return status.ok();
  }

  std::string directory_, path_;
  absl::Time now_ = absl::UnixEpoch();
  std::unique_ptr<BearerTokens> tokens_;
};

TEST_F(BearerTokensTest, KnowsEveryLineAndNothingElse) {
  Write("# comment\n\n  one \r\ntwo\nthree");
  tokens_ = BearerTokens::Load(path_, now_).value();
  for (const char* token : {"one", "two", "three"}) EXPECT_TRUE(Knows(token)) << token;
  for (const char* token : {"", "on", "onee", "oneone", "One", "one two", "# comment"})
    EXPECT_FALSE(Knows(token));
  for (const char* value : {"one", "Basic one", "Bearer", ""}) {
    EXPECT_TRUE(absl::IsUnauthenticated(tokens_->Check(value, now_))) << value;
  }
  EXPECT_TRUE(absl::IsUnauthenticated(tokens_->Check(std::nullopt, now_)));
  EXPECT_TRUE(tokens_->Check("bEARER two", now_).ok());
}

TEST_F(BearerTokensTest, ReadsAChangedFileAgainAfterASecond) {
  Write("old");
  tokens_ = BearerTokens::Load(path_, now_).value();
  Write("new");
  EXPECT_TRUE(Knows("old"));
  now_ += absl::Seconds(1);
  EXPECT_TRUE(Knows("new"));
  EXPECT_FALSE(Knows("old"));
}

TEST_F(BearerTokensTest, KeepsTheTokensWhileTheFileHasNone) {
  Write("old");
  tokens_ = BearerTokens::Load(path_, now_).value();
  for (const char* text : {"", "# none\n"}) {
    Write(text);
    now_ += absl::Seconds(1);
    EXPECT_TRUE(Knows("old"));
  }
  std::filesystem::remove(path_);
  now_ += absl::Seconds(1);
  EXPECT_TRUE(Knows("old"));
  Write("new");
  now_ += absl::Seconds(1);
  EXPECT_FALSE(Knows("old"));
}

TEST_F(BearerTokensTest, IsNotMadeWithoutTokens) {
  EXPECT_TRUE(absl::IsInvalidArgument(BearerTokens::Load(path_, now_).status()));
  Write("\n#\n");
  EXPECT_TRUE(absl::IsInvalidArgument(BearerTokens::Load(path_, now_).status()));
}

}  // namespace
}  // namespace qalam::server
