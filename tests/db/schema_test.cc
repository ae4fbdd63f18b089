#include "db/schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "db/connection.h"
#include "db/observation_log.h"
#include "tests/db/temp_dir.h"

namespace qalam::db {
namespace {

constexpr Migration kThree[] = {{1, "CREATE TABLE a (x)"},
                                {2, "ALTER TABLE a ADD COLUMN y; INSERT INTO a VALUES (1, 2)"},
                                {3, "CREATE TABLE b (z)"}};

class SchemaTest : public testing::Test {
 protected:
  std::unique_ptr<Connection> Open() {
    return *Connection::Open(dir_.File("q.db"), OpenMode::kReadWrite, std::chrono::seconds(1));
  }
  TempDir dir_;
};

TEST_F(SchemaTest, StepsFromAnyOlderVersionOnceEach) {
  const auto connection = Open();
  ASSERT_EQ(Migrate(*connection, std::span(kThree).first(1)), absl::OkStatus());
  EXPECT_EQ(connection->Integer("PRAGMA user_version"), 1);
  ASSERT_EQ(Migrate(*connection, kThree), absl::OkStatus());
  ASSERT_EQ(Migrate(*connection, kThree), absl::OkStatus());
  EXPECT_EQ(connection->Integer("PRAGMA user_version"), 3);
  EXPECT_EQ(connection->Integer("SELECT count(*) FROM a"), 1);
  EXPECT_EQ(connection->Integer("PRAGMA application_id"), kApplicationId);
}

TEST_F(SchemaTest, AStepThatFailsLeavesTheVersionBefore) {
  constexpr Migration kBroken[] = {kThree[0], {2, "CREATE TABLE b (z); CREATE TABLE a (again)"}};
  const auto connection = Open();
  EXPECT_FALSE(Migrate(*connection, kBroken).ok());
  EXPECT_EQ(connection->Integer("PRAGMA user_version"), 1);
  EXPECT_FALSE(connection->HasTable("b"));
  EXPECT_FALSE(connection->in_transaction());
  EXPECT_EQ(Migrate(*connection, kThree), absl::OkStatus());
}

TEST_F(SchemaTest, RefusesANewerVersion) {
  const auto connection = Open();
  ASSERT_EQ(Migrate(*connection, kThree), absl::OkStatus());
  const absl::Status status = Migrate(*connection, std::span(kThree).first(2));
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()),
              testing::AllOf(testing::HasSubstr("version 3"), testing::HasSubstr("version 2")));
}

TEST_F(SchemaTest, KeepsEveryObservationOfVersionOneInItsOrder) {
  {
    const auto connection = Open();
    ASSERT_EQ(Migrate(*connection, AllMigrations().first(1)), absl::OkStatus());
    connection->Execute(
        "INSERT INTO observations (trial_key, seconds, nanoseconds, metric, value) VALUES "
        "('b', 10, 5, 'loss', '1'), ('a', -62135596800, 0, 'loss', '2'), ('b', 10, 5, 'acc', '3'), "
        "('b', 10, 5, 'loss', '1'), ('a', -62135596800, 0, 'loss', '2'), ('b', 9, 0, 'loss', '0'), "
        "('b', 10, 5, 'loss', '1')");
  }
  const auto values = [&](const Database& database, const std::string& key) {
    std::string text;
    EXPECT_EQ(ObservationLog(const_cast<Database&>(database))
                  .Read({.trial_key = key},
                        [&](LogEntry entry) {
                          text += entry.value + " ";
                          return absl::OkStatus();
                        }),
              absl::OkStatus());
    return text;
  };
  {
    const auto old = Database::OpenReadOnly(dir_.File("q.db"));
    ASSERT_TRUE(old.ok()) << old.status();
    EXPECT_EQ(values(**old, "a"), "2 2 ");
    EXPECT_EQ(values(**old, "b"), "0 1 3 1 1 ");
  }
  const auto database = Database::Open(dir_.File("q.db"));
  ASSERT_TRUE(database.ok()) << database.status();
  EXPECT_EQ(values(**database, "a"), "2 2 ");
  EXPECT_EQ(values(**database, "b"), "0 1 3 1 1 ");
  ObservationLog log(**database, {.max_points_per_trial = 6});
  const LogEntry stored{"1970-01-01T00:00:10.000000005Z", "acc", "3"},
      next{"1970-01-01T00:00:11Z", "loss", "4"};
  ASSERT_EQ(log.Append("b", {&stored, 1}), absl::OkStatus());
  ASSERT_EQ(log.Append("b", {&next, 1}), absl::OkStatus());
  EXPECT_EQ(values(**database, "b"), "0 1 1 1 3 4 ");
  ASSERT_EQ(log.Append("b", {&stored, 1}), absl::OkStatus());
  EXPECT_EQ(log.Append("b", std::vector<LogEntry>{{"1970-01-01T00:00:12Z", "loss", "5"}}).code(),
            absl::StatusCode::kResourceExhausted);
}

TEST(AllMigrations, CountFromOneWithoutGaps) {
  int expected = 1;
  for (const Migration& step : AllMigrations()) EXPECT_EQ(step.to, expected++);
}

}  // namespace
}  // namespace qalam::db
