#include "workload/checkpoint_copy.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "temporary_directory.h"

namespace qalam::workload {
namespace {

namespace fs = std::filesystem;

using testing::HasSubstr;

class CopyCheckpointTest : public testing::Test {
 protected:
  CopyCheckpointTest() {
    fs::create_directories(root / "from/deep/er");
    WriteFile(root / "from/model.bin", std::string(20'000'000, 'm'));
    WriteFile(root / "from/deep/er/epoch", "7");
    WriteFile(root / "from/empty", "");
  }

  absl::Status Copy(const std::function<bool()>& stop_requested = {}) {
    return CopyCheckpoint(root / "from", root / "to", stop_requested);
  }

  const TemporaryDirectory root;
};

TEST_F(CopyCheckpointTest, CopiesEverything) {
  fs::create_symlink("model.bin", root / "from/latest");
  fs::create_symlink("/nowhere", root / "from/dangling");
  fs::permissions(root / "from/model.bin", fs::perms(0640));
  fs::permissions(root / "from/deep", fs::perms(0555));
  const timespec times[] = {{1'600'000'000, 0}, {1'600'000'001, 5}};
  ASSERT_EQ(utimensat(AT_FDCWD, (root / "from/model.bin").c_str(), times, 0), 0);

  ASSERT_TRUE(Copy().ok());
  EXPECT_EQ(ReadFile(root / "to/model.bin"), std::string(20'000'000, 'm'));
  EXPECT_EQ(ReadFile(root / "to/deep/er/epoch"), "7");
  EXPECT_EQ(fs::file_size(root / "to/empty"), 0u);
  EXPECT_EQ(fs::read_symlink(root / "to/latest"), "model.bin");
  EXPECT_EQ(fs::read_symlink(root / "to/dangling"), "/nowhere");
  struct stat info;
  ASSERT_EQ(stat((root / "to/model.bin").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0640u);
  EXPECT_EQ(info.st_mtim.tv_sec, 1'600'000'001);
  EXPECT_EQ(fs::status(root / "to/deep").permissions(), fs::perms(0555));
  fs::permissions(root / "from/deep", fs::perms(0755));
  fs::permissions(root / "to/deep", fs::perms(0755));
}

TEST_F(CopyCheckpointTest, SharesNothingThatIsWrittenLater) {
  ASSERT_TRUE(Copy().ok());
  WriteFile(root / "to/deep/er/epoch", "8");
  EXPECT_EQ(ReadFile(root / "from/deep/er/epoch"), "7");
}

TEST_F(CopyCheckpointTest, LeavesACopyThatIsThereAlone) {
  fs::create_directories(root / "to");
  WriteFile(root / "to/mine", "kept");
  ASSERT_TRUE(Copy().ok());
  EXPECT_EQ(ReadFile(root / "to/mine"), "kept");
  EXPECT_FALSE(fs::exists(root / "to/model.bin"));
}

TEST_F(CopyCheckpointTest, BeginsAgainAfterOneThatWasBrokenOff) {
  fs::create_directories(root / "to.partial/deep");
  WriteFile(root / "to.partial/half", "x");
  ASSERT_TRUE(Copy().ok());
  EXPECT_FALSE(fs::exists(root / "to/half"));
  EXPECT_EQ(ReadFile(root / "to/deep/er/epoch"), "7");
  EXPECT_FALSE(fs::exists(root / "to.partial"));
}

TEST_F(CopyCheckpointTest, IsThereAsAWholeOrNotAtAll) {
  int polls = 0;
  while (!Copy([&, left = polls]() mutable { return left-- == 0; }).ok()) {
    EXPECT_FALSE(fs::exists(root / "to"));
    EXPECT_FALSE(fs::exists(root / "to.partial"));
    ASSERT_LT(++polls, 1000);
  }
  EXPECT_GE(polls, 6);  // every entry, and between pieces of the large file
  EXPECT_EQ(fs::file_size(root / "to/model.bin"), 20'000'000u);
}

TEST_F(CopyCheckpointTest, RefusesSpecialFilesByName) {
  ASSERT_EQ(mkfifo((root / "from/deep/pipe").c_str(), 0600), 0);
  const absl::Status status = Copy();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("deep/pipe is no file"));
  EXPECT_FALSE(fs::exists(root / "to.partial"));
}

TEST_F(CopyCheckpointTest, SaysThatThereIsNothingToCopy) {
  EXPECT_EQ(CopyCheckpoint(root / "gone", root / "to", {}).code(), absl::StatusCode::kNotFound);
}

TEST_F(CopyCheckpointTest, NamesWhatCannotBeWritten) {
  WriteFile(root / "file", "in the way");
  const absl::Status status = CopyCheckpoint(root / "from", root / "file/to", {});
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr("file/to"));
}

}  // namespace
}  // namespace qalam::workload
