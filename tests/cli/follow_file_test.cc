#include "cli/follow_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <thread>

namespace qalam::cli {
namespace {

class FollowFileTest : public testing::Test {
 protected:
  FollowFileTest() {
    std::string name = testing::TempDir() + "qalam-follow-XXXXXX";
    directory_ = mkdtemp(name.data());
    path_ = directory_ + "/output.log";
    EXPECT_EQ(pipe(stop_.data()), 0);
  }
  ~FollowFileTest() override {
    std::filesystem::remove_all(directory_);
    for (const int fd : stop_) close(fd);
  }

  void Append(const std::string& text) { std::ofstream(path_, std::ios::app) << text; }

  // Long enough that only inotify can explain an answer within the test's patience.
  FollowOptions Following() {
    return {
        .finished = [this] { return finished_; }, .stop_fd = stop_[0], .poll_interval = absl::Minutes(10)};
  }

  std::string directory_, path_, seen_;
  std::array<int, 2> stop_{};
  bool finished_ = false;
};

TEST_F(FollowFileTest, ReadsOnceWithoutAFinishedFunction) {
  Append("all of it");
  EXPECT_TRUE(FollowFile(path_, [&](std::string_view bytes) { seen_ += bytes; }, {}).ok());
  EXPECT_EQ(seen_, "all of it");
}

TEST_F(FollowFileTest, SeesWhatIsAppendedAndEndsWithTheTrial) {
  Append("one\n");
  const auto sink = [&](std::string_view bytes) {
    seen_ += bytes;
    if (seen_ == "one\n")
      Append("two\n");  // wakes the follower through inotify
    else if (seen_ == "one\ntwo\n") {
      finished_ = true;
      Append("last");
    }
  };
  EXPECT_TRUE(FollowFile(path_, sink, Following()).ok());
  EXPECT_EQ(seen_, "one\ntwo\nlast");
}

TEST_F(FollowFileTest, ReadsWhatWasWrittenJustBeforeTheEnd) {
  FollowOptions options = Following();
  options.finished = [&] {
    Append("written while asked");
    return true;
  };
  EXPECT_TRUE(FollowFile(
                  path_, [&](std::string_view bytes) { seen_ += bytes; }, options)
                  .ok());
  EXPECT_EQ(seen_, "written while asked");
}

TEST_F(FollowFileTest, WaitsForAFileThatDoesNotExistYet) {
  int asked = 0;
  FollowOptions options = Following();
  options.poll_interval = absl::Milliseconds(1);
  options.finished = [&] {
    if (++asked == 3) Append("late");
    return asked >= 4;
  };
  EXPECT_TRUE(FollowFile(
                  path_, [&](std::string_view bytes) { seen_ += bytes; }, options)
                  .ok());
  EXPECT_EQ(seen_, "late");
}

TEST_F(FollowFileTest, LeavesWhenAskedTo) {
  Append("x");
  EXPECT_EQ(write(stop_[1], "!", 1), 1);
  EXPECT_TRUE(FollowFile(
                  path_, [&](std::string_view bytes) { seen_ += bytes; }, Following())
                  .ok());
  EXPECT_EQ(seen_, "x");
}

TEST_F(FollowFileTest, BeginsAgainWhenTheFileShrinks) {
  Append("a long first part");
  const auto sink = [&](std::string_view bytes) {
    seen_ += bytes;
    if (seen_ == "a long first part") {
      std::ofstream(path_, std::ios::trunc) << "new";
    } else if (!finished_) {
      finished_ = true;
      Append("!");
    }
  };
  EXPECT_TRUE(FollowFile(path_, sink, Following()).ok());
  EXPECT_EQ(seen_, "a long first partnew!");
}

TEST_F(FollowFileTest, PassesBigFilesOnInPieces) {
  const std::string big(1'000'000, 'x');
  Append(big);
  size_t pieces = 0;
  EXPECT_TRUE(FollowFile(path_,
                         [&](std::string_view bytes) {
                           seen_ += bytes;
                           ++pieces;
                         },
                         {})
                  .ok());
  EXPECT_EQ(seen_, big);
  EXPECT_GT(pieces, 1u);
}

TEST_F(FollowFileTest, NamesAFileThatCannotBeRead) {
  const absl::Status status = FollowFile(directory_, [](std::string_view) {}, {});
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_NE(std::string(status.message()).find(directory_), std::string::npos);
}

}  // namespace
}  // namespace qalam::cli
