#include "db/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <fstream>
#include <iostream>

#include "db/connection.h"
#include "tests/db/temp_dir.h"

namespace qalam::db {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// Once a file is Qalam's, whatever else is wrong with it has to come from the test.
void Prepare(const std::string& path, const char* sql) {
  SQLite::Database database(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  database.exec(sql);
}

absl::Status Add(Database& database, const std::string& value) {
  return database.Write([&](Connection& connection) {
    Query insert = connection.Prepared("INSERT INTO points SELECT 1, 0, 0, count(*), 'm', ?, 0 FROM points");
    insert->bindNoCopy(1, value);
    insert->exec();
    return absl::OkStatus();
  });
}

std::int64_t Count(Database& database) {
  std::int64_t count = -1;
  EXPECT_EQ(database.Read([&](Connection& connection) {
    count = connection.Integer("SELECT count(*) FROM points");
    return absl::OkStatus();
  }),
            absl::OkStatus());
  return count;
}

TEST(Database, KeepsWhatWasWrittenAndLeavesNoLogBehind) {
  TempDir dir;
  const std::string path = dir.File("q.db");
  {
    const auto database = Database::Open(path);
    ASSERT_TRUE(database.ok()) << database.status();
    ASSERT_EQ(Add(**database, "1"), absl::OkStatus());
    EXPECT_EQ(Count(**database), 1);
    EXPECT_TRUE(std::filesystem::exists(path + "-wal"));
  }
  EXPECT_FALSE(std::filesystem::exists(path + "-wal"));
  EXPECT_FALSE(std::filesystem::exists(path + "-shm"));
  const auto database = Database::Open(path);
  ASSERT_TRUE(database.ok()) << database.status();
  EXPECT_EQ(Count(**database), 1);
}

TEST(Database, UsesWalAndTheDurabilityAskedFor) {
  TempDir dir;
  for (const auto& [durability, synchronous] :
       {std::pair{Durability::kProcess, 1}, {Durability::kPowerLoss, 2}}) {
    const auto database = Database::Open(dir.File("q.db"), {.durability = durability});
    ASSERT_TRUE(database.ok()) << database.status();
    EXPECT_EQ((*database)->Write([&](Connection& connection) {
      EXPECT_EQ(connection.Integer("PRAGMA synchronous"), synchronous);
      EXPECT_EQ(connection.Integer("PRAGMA foreign_keys"), 1);
      EXPECT_EQ(connection.database().execAndGet("PRAGMA journal_mode").getString(), "wal");
      return absl::OkStatus();
    }),
              absl::OkStatus());
  }
}

TEST(Database, KeepsASecondWriterAwayAndNamesTheFirst) {
  TempDir dir;
  const auto first = Database::Open(dir.File("q.db"));
  ASSERT_TRUE(first.ok()) << first.status();
  const absl::Status second = Database::Open(dir.File("q.db")).status();
  EXPECT_EQ(second.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(second.message()),
              AllOf(HasSubstr(dir.File("q.db")), HasSubstr("process " + std::to_string(getpid()))));
}

TEST(Database, NamesTheMissingDirectory) {
  TempDir dir;
  const absl::Status status = Database::Open(dir.File("no/such/q.db")).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr(dir.File("no/such")));
  EXPECT_EQ(Database::OpenReadOnly(dir.File("no/such/q.db")).status().code(), absl::StatusCode::kNotFound);
}

TEST(Database, RefusesADirectory) {
  TempDir dir;
  const absl::Status status = Database::Open(dir.path()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
  std::filesystem::remove(dir.path() + ".lock");
}

TEST(Database, RefusesGarbage) {
  TempDir dir;
  for (const size_t size : {1u, 99u, 100u, 4096u, 100'000u}) {
    const std::string path = dir.File("garbage" + std::to_string(size));
    const std::string text(size, 'x');
    std::ofstream(path) << text;
    for (const absl::Status& status :
         {Database::Open(path).status(), Database::OpenReadOnly(path).status()}) {
      EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
      EXPECT_THAT(std::string(status.message()), HasSubstr(path));
    }
    std::ifstream after(path);
    EXPECT_TRUE(std::string(std::istreambuf_iterator<char>(after), {}) == text) << "was written to";
  }
}

TEST(Database, TakesAnEmptyFileAsNew) {
  TempDir dir;
  std::ofstream(dir.File("q.db"));
  const auto database = Database::Open(dir.File("q.db"));
  ASSERT_TRUE(database.ok()) << database.status();
  EXPECT_EQ(Add(**database, "1"), absl::OkStatus());
}

TEST(Database, ReportsADamagedPage) {
  TempDir dir;
  const std::string path = dir.File("q.db");
  {
    const auto database = Database::Open(path);
    ASSERT_TRUE(database.ok()) << database.status();
    for (int i = 0; i < 200; ++i) ASSERT_EQ(Add(**database, std::string(200, 'v')), absl::OkStatus());
  }
  {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096);  // all but the schema
    const std::string noise(std::filesystem::file_size(path) - 4096, '\x7f');
    file << noise;
  }
  const auto database = Database::Open(path);
  ASSERT_TRUE(database.ok()) << database.status();
  const absl::Status status = (*database)->Read([&](Connection& connection) {
    connection.Integer("SELECT sum(length(value)) FROM points");
    return absl::OkStatus();
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
  EXPECT_THAT(std::string(status.message()), AllOf(HasSubstr(path), HasSubstr(".recover")));
}

TEST(Database, RefusesAnotherProgramsDatabase) {
  TempDir dir;
  Prepare(dir.File("theirs.db"), "CREATE TABLE t (x)");
  Prepare(dir.File("marked.db"), "PRAGMA application_id = 7");
  for (const char* name : {"theirs.db", "marked.db"}) {
    EXPECT_EQ(Database::Open(dir.File(name)).status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(Database::OpenReadOnly(dir.File(name)).status().code(), absl::StatusCode::kFailedPrecondition);
  }
}

TEST(Database, RefusesANewerVersionNamingBothAndLeavesItAlone) {
  TempDir dir;
  const std::string path = dir.File("q.db");
  { ASSERT_TRUE(Database::Open(path).ok()); }
  Prepare(path, "PRAGMA user_version = 7");
  const absl::Status status = Database::Open(path).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr(path), HasSubstr("version 7"), HasSubstr("version 3")));
  SQLite::Database after(path, SQLite::OPEN_READONLY);
  EXPECT_EQ(after.execAndGet("PRAGMA user_version").getInt(), 7);
}

TEST(Database, ReportsAFullDiskAndGoesOnWhenThereIsRoom) {
  TempDir dir;
  const auto database = Database::Open(dir.File("q.db"), {.max_pages = 40});
  ASSERT_TRUE(database.ok()) << database.status();
  absl::Status status;
  int stored = 0;
  for (; status.ok() && stored < 1'000; stored += status.ok())
    status = Add(**database, std::string(1'000, 'v'));
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
  EXPECT_THAT(std::string(status.message()), AllOf(HasSubstr(dir.File("q.db")), HasSubstr("full")));
  EXPECT_EQ(Count(**database), stored);
  EXPECT_EQ((*database)->Write([](Connection& connection) {
    connection.Execute("DELETE FROM points");
    return absl::OkStatus();
  }),
            absl::OkStatus());
  EXPECT_EQ(Add(**database, "small"), absl::OkStatus());
}

// RLIMIT_FSIZE makes the write itself fail, as a full disk does, at any place from the log to the checkpoint.
TEST(Database, ReportsWritesThatTheSystemRefuses) {
  TempDir dir;
  const pid_t child = StartChild([&] {
    signal(SIGXFSZ, SIG_IGN);
    const auto database = Database::Open(dir.File("q.db"));
    if (!database.ok()) return 1;
    const rlimit limit{200'000, 200'000};
    setrlimit(RLIMIT_FSIZE, &limit);
    absl::Status status;
    std::int64_t stored = 0;
    for (; status.ok() && stored < 1'000; stored += status.ok())
      status = Add(**database, std::string(1'000, 'v'));
    if (status.code() != absl::StatusCode::kResourceExhausted) {
      std::cerr << status << " after " << stored << "\n";
      return 2;
    }
    return Count(**database) == stored && stored > 0 ? 0 : 3;
  });
  EXPECT_EQ(WaitForChild(child), 0);
}

TEST(Database, ReportsADirectoryWhereNobodyCanWrite) {
  const absl::Status status = Database::Open("/proc/q.db").status();  // not even root
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("/proc/q.db"));
}

// Root may write anything: be somebody else for a moment.
int AsNobody(const std::function<int()>& work) {
  return WaitForChild(StartChild([&] {
    if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) return 99;
    return work();
  }));
}

TEST(Database, ReportsAReadOnlyFileAndOpensItForReading) {
  TempDir dir;
  const std::string path = dir.File("q.db");
  {
    const auto database = Database::Open(path);
    ASSERT_TRUE(database.ok() && Add(**database, "1").ok());
  }
  namespace fs = std::filesystem;
  fs::permissions(dir.path(), fs::perms::all);
  fs::permissions(path, fs::perms::owner_read | fs::perms::group_read | fs::perms::others_read);
  fs::remove(path + ".lock");
  EXPECT_EQ(AsNobody([&] {
              const absl::Status status = Database::Open(path).status();
              if (status.code() != absl::StatusCode::kPermissionDenied) return 1;
              if (status.message().find(path) == std::string::npos) return 2;
              const auto reader = Database::OpenReadOnly(path);
              return reader.ok() && Count(**reader) == 1 ? 0 : 3;
            }),
            0);
}

TEST(Database, ReportsAReadOnlyDirectoryAndReadsThere) {
  TempDir dir;
  const std::string path = dir.File("q.db");
  {
    const auto database = Database::Open(path);
    ASSERT_TRUE(database.ok() && Add(**database, "1").ok());
  }
  namespace fs = std::filesystem;
  fs::remove(path + ".lock");
  const auto read_and_enter = fs::perms::owner_read | fs::perms::owner_exec | fs::perms::group_read |
                              fs::perms::group_exec | fs::perms::others_read | fs::perms::others_exec;
  fs::permissions(dir.path(), read_and_enter);
  EXPECT_EQ(AsNobody([&] {
              if (Database::Open(path).status().code() != absl::StatusCode::kPermissionDenied) return 1;
              const auto reader = Database::OpenReadOnly(path);
              return reader.ok() && Count(**reader) == 1 ? 0 : 2;
            }),
            0);
  fs::permissions(dir.path(), fs::perms::owner_all);
}

}  // namespace
}  // namespace qalam::db
