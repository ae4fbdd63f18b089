#include "server/secret_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <set>
#include <thread>
#include <vector>

#include "tests/workload/temporary_directory.h"

namespace qalam::server {
namespace {

using testing::HasSubstr;
using workload::ReadFile;
using workload::TemporaryDirectory;

mode_t ModeOf(const std::string& path) {
  struct stat facts {};
  EXPECT_EQ(stat(path.c_str(), &facts), 0);
  return facts.st_mode & 0777;
}

TEST(SecretFile, IsMadeOnceForItsOwnerAlone) {
  const TemporaryDirectory directory;
  const mode_t before = umask(0);
  EXPECT_EQ(*ReadOrMakeSecretFile(directory / "key", [] { return "first"; }), "first");
  umask(before);
  EXPECT_EQ(*ReadOrMakeSecretFile(directory / "key", [] { return "second"; }), "first");
  EXPECT_EQ(ModeOf(directory / "key"), 0600u);
  EXPECT_EQ(*ReadSecretFile(directory / "key"), "first");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory.path()), {}), 1);  // no draft is left
}

TEST(SecretFile, ThatManyMakeAtOnceIsOneForAll) {
  const TemporaryDirectory directory;
  std::vector<std::string> seen(8);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < seen.size(); ++i) {
    threads.emplace_back([&, i] {
      seen[i] = *ReadOrMakeSecretFile(directory / "key", [i] { return std::string(1'000, char('a' + i)); });
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), 1u);
  EXPECT_EQ(seen[0], ReadFile(directory / "key"));
}

TEST(SecretFile, ThatOthersCanReadIsRefusedWithWhatToDo) {
  const TemporaryDirectory directory;
  workload::WriteFile(directory / "key", "known");
  for (const mode_t mode : {0640u, 0604u, 0620u, 0602u}) {
    ASSERT_EQ(chmod((directory / "key").c_str(), mode), 0);
    const absl::Status status = ReadOrMakeSecretFile(directory / "key", [] { return "new"; }).status();
    EXPECT_TRUE(absl::IsPermissionDenied(status)) << status;
    EXPECT_THAT(std::string(MessageOf(status)), HasSubstr("should have 600"));
  }
  ASSERT_EQ(chmod((directory / "key").c_str(), 0400), 0);
  EXPECT_EQ(*ReadSecretFile(directory / "key"), "known");
}

TEST(SecretFile, ThatIsNotThereOrCannotBeMadeSaysSo) {
  const TemporaryDirectory directory;
  EXPECT_TRUE(absl::IsNotFound(ReadSecretFile(directory / "none").status()));
  EXPECT_TRUE(absl::IsPermissionDenied(ReadSecretFile(directory.path()).status()));
  const auto made = ReadOrMakeSecretFile(directory / "none/key", [] { return "text"; });
  EXPECT_TRUE(absl::IsPermissionDenied(made.status())) << made.status();
  EXPECT_TRUE(absl::IsPermissionDenied(ReplaceFile(directory / "none/key", "text", Readers::kOwner)));
  const auto failed = ReadOrMakeSecretFile(
      directory / "key", []() -> absl::StatusOr<std::string> { return absl::InternalError("no"); });
  EXPECT_EQ(failed.status(), absl::InternalError("no"));
  EXPECT_FALSE(std::filesystem::exists(directory / "key"));
}

TEST(ReplaceFile, GivesTheNewTextAndMode) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(ReplaceFile(directory / "file", "old", Readers::kEverybody).ok());
  EXPECT_EQ(ModeOf(directory / "file"), 0644u);
  ASSERT_TRUE(ReplaceFile(directory / "file", "new", Readers::kOwner).ok());
  EXPECT_EQ(ModeOf(directory / "file"), 0600u);
  EXPECT_EQ(ReadFile(directory / "file"), "new");
}

}  // namespace
}  // namespace qalam::server
