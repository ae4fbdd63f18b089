#include "db/schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "db/connection.h"
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

TEST(AllMigrations, CountFromOneWithoutGaps) {
  int expected = 1;
  for (const Migration& step : AllMigrations()) EXPECT_EQ(step.to, expected++);
}

}  // namespace
}  // namespace qalam::db
