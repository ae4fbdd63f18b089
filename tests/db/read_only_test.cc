// Looking into a file that somebody else writes, has written, or will write.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>

#include "db/connection.h"
#include "db/database.h"
#include "db/observation_log.h"
#include "tests/db/temp_dir.h"

namespace qalam::db {
namespace {

namespace fs = std::filesystem;

std::string Content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> Files(const std::string& directory) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory)) names.push_back(entry.path().filename());
  return names;
}

absl::Status Append(Database& database, const std::string& value) {
  const LogEntry entry{"2024-01-01T00:00:00Z", "loss", value};
  return ObservationLog(database).Append("t", {&entry, 1});
}

std::vector<std::string> Values(Database& database) {
  std::vector<std::string> values;
  const absl::Status status = ObservationLog(database).Read({.trial_key = "t"}, [&](LogEntry entry) {
    values.push_back(entry.value);
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
  return values;
}

void MakeFile(const std::string& path) {
  const auto database = Database::Open(path);
  ASSERT_TRUE(database.ok()) << database.status();
  ASSERT_EQ(Append(**database, "1"), absl::OkStatus());
}

TEST(ReadOnly, TouchesNothingBesideACleanlyClosedFile) {
  TempDir dir;
  const std::string path = dir.File("a%20 ?#q.db");
  MakeFile(path);
  fs::remove(path + ".lock");
  const std::string before = Content(path);
  const auto changed = fs::last_write_time(path);
  {
    const auto database = Database::OpenReadOnly(path);
    ASSERT_TRUE(database.ok()) << database.status();
    EXPECT_THAT(Values(**database), testing::ElementsAre("1"));
    EXPECT_THAT(Files(dir.path()), testing::ElementsAre("a%20 ?#q.db"));
  }
  EXPECT_THAT(Files(dir.path()), testing::ElementsAre("a%20 ?#q.db"));
  EXPECT_EQ(Content(path), before);
  EXPECT_EQ(fs::last_write_time(path), changed);
}

TEST(ReadOnly, RefusesToWrite) {
  TempDir dir;
  MakeFile(dir.File("q.db"));
  const auto database = Database::OpenReadOnly(dir.File("q.db"));
  ASSERT_TRUE(database.ok()) << database.status();
  EXPECT_EQ(Append(**database, "2").code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(ObservationLog(**database).Delete("t").code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(Values(**database), testing::ElementsAre("1"));
}

TEST(ReadOnly, SaysThatThereIsNoFileAndMakesNone) {
  TempDir dir;
  EXPECT_EQ(Database::OpenReadOnly(dir.File("q.db")).status().code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(Files(dir.path()).empty());
}

TEST(ReadOnly, FollowsAnotherProcessThroughItsWholeLife) {
  TempDir dir;
  const std::string path = dir.File("q.db");
  MakeFile(path);
  const auto reader = Database::OpenReadOnly(path);
  ASSERT_TRUE(reader.ok()) << reader.status();
  EXPECT_EQ(Values(**reader).size(), 1u);

  int go[2], done[2];
  ASSERT_EQ(pipe(go) | pipe(done), 0);
  const pid_t writer = StartChild([&] {
    const auto database = Database::Open(path);
    char c = 0;
    if (!database.ok() || !Append(**database, "2").ok()) return 1;
    if (write(done[1], "x", 1) != 1 || read(go[0], &c, 1) != 1) return 2;
    for (int i = 0; i < 2'000; ++i) {
      if (!Append(**database, "more " + std::to_string(i)).ok()) return 3;
    }
    return 0;
  });
  char c = 0;
  ASSERT_EQ(read(done[0], &c, 1), 1);
  EXPECT_THAT(Values(**reader), testing::ElementsAre("1", "2"));
  ASSERT_EQ(write(go[1], "x", 1), 1);
  size_t seen = 2;
  for (int i = 0; i < 20; ++i) {
    const size_t now = Values(**reader).size();
    EXPECT_GE(now, seen);
    seen = now;
  }
  EXPECT_EQ(WaitForChild(writer), 0);
  EXPECT_EQ(Values(**reader).size(), 2'002u);
}

TEST(ReadOnly, SeesWhatAKilledWriterHadCommitted) {
  TempDir dir;
  const std::string path = dir.File("q.db");
  const pid_t writer = StartChild([&] {
    const auto database = Database::Open(path);
    if (!database.ok() || !Append(**database, "1").ok()) return 1;
    raise(SIGKILL);
    return 2;
  });
  ASSERT_EQ(WaitForChild(writer), -SIGKILL);
  const std::string before = Content(path);
  const auto database = Database::OpenReadOnly(path);
  ASSERT_TRUE(database.ok()) << database.status();
  EXPECT_THAT(Values(**database), testing::ElementsAre("1"));
  EXPECT_EQ(Content(path), before);
}

TEST(ReadOnly, ReadsALogLargerThanAPageInOrder) {
  TempDir dir;
  const std::string path = dir.File("q.db");
  std::vector<std::string> expected;
  {
    const auto database = Database::Open(path);
    ASSERT_TRUE(database.ok()) << database.status();
    std::vector<LogEntry> entries;
    for (int i = 0; i < 60; ++i) {
      const std::string value = std::to_string(i) + std::string(1 << 20, 'x');
      // Ends of pages fall within one time as well as between two.
      entries.push_back(
          {i < 30 ? "2024-01-01T00:00:00Z" : "2024-01-01T00:00:" + std::to_string(i) + "Z", "m", value});
      expected.push_back(value);
    }
    ASSERT_EQ(ObservationLog(**database).Append("t", entries), absl::OkStatus());
  }
  const auto database = Database::OpenReadOnly(path);
  ASSERT_TRUE(database.ok()) << database.status();
  EXPECT_EQ(Values(**database), expected);
}

TEST(ReadOnly, ReadsANewerSchemaThatHasMoreColumns) {
  TempDir dir;
  const std::string path = dir.File("q.db");
  MakeFile(path);
  SQLite::Database(path, SQLite::OPEN_READWRITE)
      .exec("ALTER TABLE points ADD COLUMN unit TEXT; CREATE TABLE news (x); PRAGMA user_version = 9");
  const auto database = Database::OpenReadOnly(path);
  ASSERT_TRUE(database.ok()) << database.status();
  EXPECT_THAT(Values(**database), testing::ElementsAre("1"));
}

TEST(ReadOnly, SaysSoWhenANewerSchemaHasNoSuchColumn) {
  TempDir dir;
  const std::string path = dir.File("q.db");
  MakeFile(path);
  SQLite::Database(path, SQLite::OPEN_READWRITE)
      .exec("ALTER TABLE points RENAME COLUMN value TO amount; PRAGMA user_version = 9");
  const auto database = Database::OpenReadOnly(path);
  ASSERT_TRUE(database.ok()) << database.status();
  const absl::Status status =
      ObservationLog(**database).Read({.trial_key = "t"}, [](LogEntry) { return absl::OkStatus(); });
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
  EXPECT_THAT(std::string(status.message()),
              testing::AllOf(testing::HasSubstr(path), testing::HasSubstr("version 9")));
}

TEST(ReadOnly, TakesAFileOfVersionZeroAsEmpty) {
  TempDir dir;
  const std::string path = dir.File("q.db");
  std::ofstream{path};
  const auto database = Database::OpenReadOnly(path);
  ASSERT_TRUE(database.ok()) << database.status();
  EXPECT_TRUE(Values(**database).empty());
}

}  // namespace
}  // namespace qalam::db
