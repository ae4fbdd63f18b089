#include "metrics/file_set_source.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <optional>

#include "metrics/line_format.h"
#include "metrics/text_collector.h"
#include "tests/metrics/loop_fixture.h"
#include "tests/metrics/point_list.h"

namespace qalam::metrics {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

class FileSetSourceTest : public LoopFixture {
 protected:
  FileSetSource& Source(const std::string& pattern, bool inotify = true) {
    watcher_ = std::make_shared<FileWatcher>(
        loop_, FileWatcherOptions{.use_inotify = inotify,
                                  .poll_interval = inotify ? absl::Hours(1) : absl::Milliseconds(1),
                                  .quiet_time = absl::Milliseconds(1)});
    auto format = std::make_unique<LineFormat>(
        std::make_unique<TextCollector>(std::vector<std::string>{"loss"}, *TextFilters::Compile({})));
    source_.emplace(loop_, watcher_,
                    FileSet{directory_, "file that matches " + pattern, MatchPattern(pattern)},
                    std::move(format), list_);
    return *source_;
  }

  std::vector<std::string> Values() const {
    std::vector<std::string> values;
    for (const MetricPoint& point : list_.points) values.push_back(point.value);
    return values;
  }

  bool Reads(size_t points) {
    return PumpUntil([&] { return list_.points.size() >= points; });
  }

  absl::Status Drain() {
    std::optional<absl::Status> answer;
    source_->Drain([&](absl::Status status) { answer = std::move(status); });
    EXPECT_TRUE(PumpUntil([&] { return answer.has_value(); }));
    return answer.value_or(absl::DeadlineExceededError("no answer"));
  }

  // Later than all files written before, whatever the clock of the file system resolves.
  void SetChanged(std::string_view name, int seconds) {
    const timespec times[2] = {{1'000'000 + seconds, 0}, {1'000'000 + seconds, 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, Path(name).c_str(), times, 0), 0);
  }

  PointList list_;
  std::shared_ptr<FileWatcher> watcher_;
  std::optional<FileSetSource> source_;
};

TEST_F(FileSetSourceTest, ReadsWhatIsThereInTheOrderOfItsLastChange) {
  Write("b.log", "loss=1\n");
  Write("a.log", "loss=2\n");
  Write("a.txt", "loss=9\n");
  SetChanged("b.log", 1);
  SetChanged("a.log", 2);
  Source("*.log");
  EXPECT_TRUE(Drain().ok());
  EXPECT_THAT(Values(), ElementsAre("1", "2"));
}

TEST_F(FileSetSourceTest, ReadsRotatedLogsOfOneMomentInTheirOrder) {
  for (const char* number : {"0", "10", "1", "9", "2"}) {
    const std::string name = number == std::string_view("0") ? "log" : std::string("log.") + number;
    Write(name, std::string("loss=") + number + "\n");
    SetChanged(name, 1);
  }
  Source("log*");
  EXPECT_TRUE(Drain().ok());
  EXPECT_THAT(Values(), ElementsAre("10", "9", "2", "1", "0"));
}

TEST_F(FileSetSourceTest, FollowsFilesAndDirectoriesThatAppearLate) {
  for (const bool inotify : {true, false}) {
    list_.points.clear();
    Source("", inotify).Start();
    Write("first", "loss=1\n");
    EXPECT_TRUE(Reads(1));
    fs::create_directories(Path("x/y"));
    Write("x/y/second", "loss=2\n");
    EXPECT_TRUE(Reads(2));
    Append("first", "loss=3\n");
    EXPECT_TRUE(Reads(3));
    Append("x/y/second", "loss=4");
    EXPECT_TRUE(Drain().ok());
    EXPECT_THAT(Values(), ElementsAre("1", "2", "3", "4"));
    for (const auto& entry : fs::directory_iterator(directory_)) fs::remove_all(entry);
  }
}

TEST_F(FileSetSourceTest, WaitsForItsDirectory) {
  const std::string parent = directory_;
  directory_ += "/later";
  Source("*", false).Start();
  PumpReady();
  fs::create_directory(directory_);
  Write("log", "loss=1\n");
  EXPECT_TRUE(Reads(1));
  directory_ = parent;
}

TEST_F(FileSetSourceTest, ReadsRotatedLogsOnce) {
  Source("log*").Start();
  Write("log", "loss=1\n");
  EXPECT_TRUE(Reads(1));
  Append("log", "loss=2\n");
  fs::rename(Path("log"), Path("log.1"));
  Write("log", "loss=3\n");
  EXPECT_TRUE(Reads(3));
  // Twice between two looks.
  fs::rename(Path("log.1"), Path("log.2"));
  fs::rename(Path("log"), Path("log.1"));
  Write("log", "loss=4\n");
  SetChanged("log", 1);
  fs::rename(Path("log.1"), Path("log.3"));
  fs::rename(Path("log"), Path("log.1"));
  Write("log", "loss=5\n");
  SetChanged("log", 2);
  EXPECT_TRUE(Drain().ok());
  EXPECT_THAT(Values(), ElementsAre("1", "2", "3", "4", "5"));
}

TEST_F(FileSetSourceTest, ReadsALogToItsEndAlsoUnderANameThatNobodyFollows) {
  Source("log").Start();
  Write("log", "loss=1\n");
  EXPECT_TRUE(Reads(1));
  std::ofstream open_log(Path("log"), std::ios::app);
  fs::rename(Path("log"), Path("old"));
  open_log << "loss=2\n" << std::flush;
  EXPECT_TRUE(Reads(2));
  open_log << "loss=3\n" << std::flush;
  Write("log", "loss=4\n");
  EXPECT_TRUE(Reads(4));
  EXPECT_TRUE(Drain().ok());
  EXPECT_THAT(Values(), ElementsAre("1", "2", "3", "4"));
}

TEST_F(FileSetSourceTest, ReadsARemovedFileToItsEnd) {
  Source("*").Start();
  Write("log", "loss=1\n");
  EXPECT_TRUE(Reads(1));
  Append("log", "loss=2\nloss=3");
  fs::remove(Path("log"));
  EXPECT_TRUE(Reads(3));
  Write("log", "loss=4\n");
  EXPECT_TRUE(Reads(4));
  EXPECT_TRUE(Drain().ok());
  EXPECT_THAT(Values(), ElementsAre("1", "2", "3", "4"));
}

TEST_F(FileSetSourceTest, ReadsATruncatedFileFromItsBeginning) {
  Source("*").Start();
  Write("log", "loss=1\nloss=2\n");
  EXPECT_TRUE(Reads(2));
  Write("log", "loss=3\n");
  EXPECT_TRUE(Reads(3));
  EXPECT_TRUE(Drain().ok());
  EXPECT_THAT(Values(), ElementsAre("1", "2", "3"));
}

TEST_F(FileSetSourceTest, MatchesPatternsComponentByComponent) {
  const auto matches = MatchPattern("*/run[0-9].log");
  EXPECT_TRUE(matches("a/run1.log"));
  EXPECT_FALSE(matches("run1.log"));
  EXPECT_FALSE(matches("a/b/run1.log"));
  EXPECT_FALSE(matches("a/runx.log"));
  EXPECT_FALSE(MatchPattern("*")(".hidden"));
  EXPECT_TRUE(MatchPattern("")("any/file"));
}

TEST_F(FileSetSourceTest, FollowsLinksToFilesAndNoneToDirectories) {
  fs::create_directory(Path("sub"));
  fs::create_directory_symlink(directory_, Path("sub/up"));
  Write("sub/log", "loss=1\n");
  fs::create_symlink(Path("sub/log"), Path("link"));
  Source("");
  EXPECT_TRUE(Drain().ok());
  EXPECT_THAT(Values(), ElementsAre("1"));
}

TEST_F(FileSetSourceTest, SaysWhatIsMissing) {
  Source("*.log");
  EXPECT_EQ(Drain(), absl::NotFoundError(directory_ + ": no file that matches *.log"));
  CollectionSummary summary;
  source_->Describe(summary);
  EXPECT_EQ(summary.evidence, "there was no file that matches *.log");
}

TEST_F(FileSetSourceTest, SaysWhatItDidNotRead) {
  for (int i = 0; i < 1'001; ++i) Write(std::to_string(i), "loss=1\n");
  Source("*");
  const absl::Status status = Drain();
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr("more than 1000 files"));
  EXPECT_EQ(list_.points.size(), 1'000u);
}

TEST_F(FileSetSourceTest, ReadsNothingWhilePausedNorAfterStop) {
  Write("log", "loss=1\n");
  FileSetSource& source = Source("*");
  source.Pause();
  source.Start();
  PumpReady();
  EXPECT_THAT(Values(), IsEmpty());
  source.Resume();
  EXPECT_TRUE(Reads(1));
  Append("log", "loss=2\n");
  source.Stop();
  PumpReady();
  EXPECT_THAT(Values(), ElementsAre("1"));
}

}  // namespace
}  // namespace qalam::metrics
