#include "metrics/file_watcher.h"

#include "tests/metrics/loop_fixture.h"

namespace qalam::metrics {
namespace {

constexpr FileWatcherOptions kQuick{.poll_interval = absl::Milliseconds(1),
                                    .quiet_time = absl::Milliseconds(1)};
constexpr FileWatcherOptions kPolling{
    .use_inotify = false, .poll_interval = absl::Milliseconds(1), .quiet_time = absl::Milliseconds(1)};
// Long enough for a test to fail if it were needed.
constexpr FileWatcherOptions kInotifyOnly{.poll_interval = absl::Hours(1),
                                          .quiet_time = absl::Milliseconds(1)};

class FileWatcherTest : public LoopFixture {};

TEST_F(FileWatcherTest, ReportsCreationGrowthTruncationAndReplacement) {
  FileWatcher watcher(loop_, kInotifyOnly);
  int changes = 0;
  watcher.Watch(Path("log"), [&] { ++changes; });
  const auto expect_change = [&](const char* what) {
    EXPECT_TRUE(PumpUntil([&] { return changes > 0; })) << what;
    PumpReady();
    changes = 0;
  };
  Write("log", "");
  expect_change("created");
  Append("log", "x");
  expect_change("grown");
  std::filesystem::resize_file(Path("log"), 0);
  expect_change("truncated");
  Write("new", "y");
  std::filesystem::rename(Path("new"), Path("log"));
  expect_change("replaced");
}

TEST_F(FileWatcherTest, TellsFilesOfOneDirectoryApart) {
  FileWatcher watcher(loop_, kInotifyOnly);
  int first = 0, second = 0;
  watcher.Watch(Path("first"), [&] { ++first; });
  watcher.Watch(Path("second"), [&] { ++second; });
  Write("other", "x");
  Write("second", "x");
  EXPECT_TRUE(PumpUntil([&] { return second > 0; }));
  EXPECT_EQ(first, 0);
}

TEST_F(FileWatcherTest, IsSilentAfterUnwatch) {
  FileWatcher watcher(loop_, kInotifyOnly);
  int gone = 0, kept = 0;
  const auto id = watcher.Watch(Path("log"), [&] { ++gone; });
  watcher.Watch(Path("log"), [&] { ++kept; });
  watcher.Unwatch(id);
  watcher.Unwatch(id);
  Write("log", "x");
  EXPECT_TRUE(PumpUntil([&] { return kept > 0; }));
  EXPECT_EQ(gone, 0);
}

TEST_F(FileWatcherTest, LetsACallbackRemoveWatches) {
  FileWatcher watcher(loop_, kPolling);
  int calls = 0;
  FileWatcher::WatchId first = 0, second = 0;
  first = watcher.Watch(Path("a"), [&] {
    ++calls;
    watcher.Unwatch(second);
    watcher.Unwatch(first);
  });
  second = watcher.Watch(Path("b"), [&] { ADD_FAILURE() << "called after Unwatch"; });
  EXPECT_TRUE(PumpUntil([&] { return calls > 0; }));
  PumpReady();
  EXPECT_EQ(calls, 1);
}

TEST_F(FileWatcherTest, PollsWithoutInotify) {
  FileWatcher watcher(loop_, kPolling);
  int changes = 0;
  watcher.Watch(Path("log"), [&] { ++changes; });
  EXPECT_TRUE(PumpUntil([&] { return changes > 3; }));
}

TEST_F(FileWatcherTest, FindsADirectoryThatAppearsLaterAndOneThatIsMadeAnew) {
  FileWatcher watcher(loop_, kQuick);
  int changes = 0;
  watcher.Watch(Path("sub/log"), [&] { ++changes; });
  std::filesystem::create_directory(Path("sub"));
  Write("sub/log", "x");
  EXPECT_TRUE(PumpUntil([&] { return changes > 0; }));
  std::filesystem::remove_all(Path("sub"));
  changes = 0;
  EXPECT_TRUE(PumpUntil([&] { return changes > 5; })) << "not polled without its directory";
  std::filesystem::create_directory(Path("sub"));
  Write("sub/log", "y");
  changes = 0;
  EXPECT_TRUE(PumpUntil([&] { return changes > 0; }));
}

TEST_F(FileWatcherTest, PollsSymbolicLinks) {
  FileWatcher watcher(loop_, kQuick);
  std::filesystem::create_directory(Path("real"));
  Write("real/log", "x");
  std::filesystem::create_symlink(Path("real/log"), Path("log"));
  int changes = 0;
  watcher.Watch(Path("log"), [&] { ++changes; });
  EXPECT_TRUE(PumpUntil([&] { return changes > 0; }));
}

}  // namespace
}  // namespace qalam::metrics
