#include "metrics/file_follower.h"

#include <sys/stat.h>

#include <optional>

#include "tests/metrics/loop_fixture.h"

namespace qalam::metrics {
namespace {

class FileFollowerTest : public LoopFixture, public testing::WithParamInterface<bool> {
 protected:
  std::unique_ptr<FileFollower> Follow(std::string_view name, std::int64_t offset = 0) {
    return std::make_unique<FileFollower>(
        loop_, watcher_, Path(name), offset,
        FollowHandlers{[this](std::string_view bytes) { OnBytes(bytes); }, [this] { seen_ += "|"; }});
  }
  void OnBytes(std::string_view bytes) {
    seen_ += bytes;
    if (on_chunk_) on_chunk_();
    largest_ = std::max(largest_, bytes.size());
  }
  bool Sees(std::string_view bytes) {
    return PumpUntil([&] { return seen_ == bytes; });
  }
  absl::Status Drain(FileFollower& follower) {
    std::optional<absl::Status> answer;
    follower.Drain([&](absl::Status status) { answer = std::move(status); });
    EXPECT_FALSE(answer.has_value()) << "answered from inside the call";
    if (!PumpUntil([&] { return answer.has_value(); })) return absl::DeadlineExceededError("no answer");
    return *answer;
  }

  std::shared_ptr<FileWatcher> watcher_ =
      std::make_shared<FileWatcher>(loop_, FileWatcherOptions{.use_inotify = GetParam(),
                                                              .poll_interval = absl::Milliseconds(1),
                                                              .quiet_time = absl::Milliseconds(1)});
  std::function<void()> on_chunk_;
  std::string seen_;
  size_t largest_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Watching, FileFollowerTest, testing::Bool(),
                         [](const auto& tested) { return tested.param ? "Inotify" : "Polling"; });

TEST_P(FileFollowerTest, ReadsFromTheOffsetAndWhatComesLater) {
  Write("log", "old new");
  const auto follower = Follow("log", 4);
  follower->Start();
  EXPECT_TRUE(Sees("new"));
  Append("log", "er");
  EXPECT_TRUE(Sees("newer"));
}

TEST_P(FileFollowerTest, WaitsForAFileAndItsFolder) {
  const auto follower = Follow("sub/log");
  follower->Start();
  PumpReady();
  std::filesystem::create_directory(Path("sub"));
  Write("sub/log", "here");
  EXPECT_TRUE(Sees("here"));
}

TEST_P(FileFollowerTest, StartsAgainWhenTheFileIsTruncated) {
  Write("log", "a long first content");
  const auto follower = Follow("log");
  follower->Start();
  EXPECT_TRUE(Sees("a long first content"));
  Write("log", "second");
  EXPECT_TRUE(Sees("a long first content|second"));
}

TEST_P(FileFollowerTest, ReadsAReplacedFileToItsEndAndThenTheNewOne) {
  Write("log", "first");
  const auto follower = Follow("log");
  follower->Start();
  EXPECT_TRUE(Sees("first"));
  Append("log", " and last");
  Write("new", "another, longer content");
  std::filesystem::rename(Path("new"), Path("log"));
  EXPECT_TRUE(Sees("first and last|another, longer content"));
}

TEST_P(FileFollowerTest, ReadsOnInARemovedFileThatIsStillWritten) {
  Write("log", "first");
  std::ofstream writer(Path("log"), std::ios::app);
  const auto follower = Follow("log");
  follower->Start();
  EXPECT_TRUE(Sees("first"));
  std::filesystem::remove(Path("log"));
  writer << " and last" << std::flush;
  EXPECT_TRUE(Drain(*follower).ok());
  EXPECT_EQ(seen_, "first and last");
}

TEST_P(FileFollowerTest, DrainsWithoutStart) {
  Write("log", "old new");
  EXPECT_TRUE(Drain(*Follow("log", 4)).ok());
  EXPECT_EQ(seen_, "new");
}

TEST_P(FileFollowerTest, DrainsWhatWasWrittenSinceTheLastLook) {
  Write("log", "one");
  const auto follower = Follow("log");
  follower->Start();
  EXPECT_TRUE(Sees("one"));
  Append("log", " two");
  EXPECT_TRUE(Drain(*follower).ok());
  EXPECT_EQ(seen_, "one two");
}

TEST_P(FileFollowerTest, DrainsAReplacedFileAndTheNewOne) {
  Write("log", "one");
  const auto follower = Follow("log");
  follower->Start();
  EXPECT_TRUE(Sees("one"));
  Append("log", " two");
  Write("new", "three");
  std::filesystem::rename(Path("new"), Path("log"));
  EXPECT_TRUE(Drain(*follower).ok());
  EXPECT_EQ(seen_, "one two|three");
}

TEST_P(FileFollowerTest, DrainsToTheSizeAtItsBeginningThoughTheFileGrows) {
  Write("log", std::string(1'000'000, 'x'));
  on_chunk_ = [this] { Append("log", "more"); };
  EXPECT_TRUE(Drain(*Follow("log")).ok());
  EXPECT_EQ(seen_.size(), 1'000'000u);
}

TEST_P(FileFollowerTest, EndsADrainWhenTheFileIsCutToWhatWasRead) {
  Write("log", std::string(1'000'000, 'x'));
  on_chunk_ = [this] { std::filesystem::resize_file(Path("log"), seen_.size()); };
  EXPECT_TRUE(Drain(*Follow("log")).ok());
  EXPECT_EQ(seen_.size(), 256u << 10);
}

TEST_P(FileFollowerTest, StartsAtZeroWhenTheFileIsShorterThanTheOffset) {
  Write("log", "new");
  EXPECT_TRUE(Drain(*Follow("log", 100)).ok());
  EXPECT_EQ(seen_, "|new");
}

TEST_P(FileFollowerTest, ReadsInChunksAndLetsOthersRunBetween) {
  const std::string content(1'000'000, 'x');
  Write("log", content);
  const auto follower = Follow("log");
  bool done = false;
  int others = 0;
  std::function<void()> other = [&] {
    ++others;
    if (!done) loop_.Post(other);
  };
  loop_.Post(other);
  follower->Drain([&](absl::Status) { done = true; });
  EXPECT_TRUE(PumpUntil([&] { return done; }));
  PumpReady();
  EXPECT_EQ(seen_, content);
  EXPECT_EQ(largest_, 256u << 10);
  EXPECT_GE(others, 4);  // one beside each of the four chunks
}

TEST_P(FileFollowerTest, DeliversNothingWhilePaused) {
  Write("log", std::string(1'000'000, 'x'));
  const auto follower = Follow("log");
  follower->Start();
  EXPECT_TRUE(PumpUntil([&] { return !seen_.empty(); }));
  follower->Pause();
  const size_t before = seen_.size();
  bool drained = false;
  follower->Drain([&](absl::Status) { drained = true; });
  PumpReady();
  EXPECT_EQ(seen_.size(), before);
  EXPECT_FALSE(drained);
  follower->Resume();
  EXPECT_TRUE(PumpUntil([&] { return drained; }));
  EXPECT_EQ(seen_.size(), 1'000'000u);
}

TEST_P(FileFollowerTest, SaysWhyAFileCannotBeRead) {
  EXPECT_EQ(Drain(*Follow("nothing")), absl::NotFoundError(Path("nothing") + ": was never written"));
  std::filesystem::create_directory(Path("folder"));
  EXPECT_FALSE(Drain(*Follow("folder")).ok());
  ASSERT_EQ(::mkfifo(Path("fifo").c_str(), 0600), 0);
  EXPECT_EQ(Drain(*Follow("fifo")).code(), absl::StatusCode::kInvalidArgument);
}

TEST_P(FileFollowerTest, CallsNothingAfterStop) {
  Write("log", "content");
  const auto follower = Follow("log");
  follower->Start();
  follower->Drain([&](absl::Status) { ADD_FAILURE() << "answered after Stop"; });
  follower->Stop();
  PumpReady();
  EXPECT_EQ(seen_, "");
}

TEST_P(FileFollowerTest, MayBeDestroyedByItsHandler) {
  Write("log", std::string(1'000'000, 'x'));
  std::unique_ptr<FileFollower> follower;
  int calls = 0;
  follower = std::make_unique<FileFollower>(loop_, watcher_, Path("log"), 0,
                                            FollowHandlers{[&](std::string_view) {
                                                             ++calls;
                                                             follower.reset();
                                                           },
                                                           [] {}});
  follower->Start();
  EXPECT_TRUE(PumpUntil([&] { return calls > 0; }));
  PumpReady();
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace qalam::metrics
