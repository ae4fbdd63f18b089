#include "db/retention.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "db/observation_log.h"
#include "tests/db/temp_dir.h"

namespace qalam::db {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'700'000'000);

class RetentionTest : public testing::Test {
 protected:
  void Report(const std::string& trial, const char* time = "0001-01-01T00:00:00Z") {
    const LogEntry entry{time, "loss", "1"};
    ASSERT_EQ(log_.Append(trial, {&entry, 1}), absl::OkStatus());
  }

  int Points(const std::string& trial) {
    int points = 0;
    EXPECT_EQ(log_.Read({.trial_key = trial}, [&](LogEntry) { return ++points, absl::OkStatus(); }),
              absl::OkStatus());
    return points;
  }

  TempDir dir_;
  absl::Time now_ = kStart;
  std::string running_ = "running";
  std::unique_ptr<Database> database_ = *Database::Open(dir_.File("q.db"));
  ObservationLog log_{*database_, {.now = [this] { return now_; }}};
  Retention retention_{*database_,
                       {.keep = absl::Hours(24),
                        .now = [this] { return now_; },
                        .running = [this] { return std::set<std::string>{running_}; }}};
};

TEST_F(RetentionTest, DropsLogsWhoseLastReportIsOlderAndWhoseTrialsAreOver) {
  Report("old");
  Report("running");
  Report("still reporting");
  now_ += absl::Hours(12);
  Report("still reporting");
  Report("new");
  now_ += absl::Hours(12);
  EXPECT_EQ(*retention_.Sweep(), 0);  // exactly 24 hours are not more than that
  now_ += absl::Seconds(1);
  EXPECT_EQ(*retention_.Sweep(), 1);
  EXPECT_EQ(Points("old"), 0);
  EXPECT_EQ(Points("running"), 1);
  EXPECT_EQ(Points("still reporting"), 2);
  EXPECT_EQ(Points("new"), 1);
  running_.clear();
  now_ += absl::Hours(24);
  EXPECT_EQ(*retention_.Sweep(), 3);
  EXPECT_EQ(*retention_.Sweep(), 0);
}

TEST_F(RetentionTest, CountsFromTheReportNotFromThePointsOwnTimes) {
  Report("no times");
  Report("last century", "1999-01-01T00:00:00Z");
  now_ += absl::Hours(23);
  EXPECT_EQ(*retention_.Sweep(), 0);
}

TEST_F(RetentionTest, SweepsMoreLogsThanItLooksAtAtOnceAndStopsWhenTold) {
  for (int i = 0; i < 1'200; ++i) Report(std::to_string(i));
  now_ += absl::Hours(48);
  int asked = 0;
  EXPECT_LE(*retention_.Sweep([&] { return ++asked > 10; }), 10);
  EXPECT_GE(*retention_.Sweep(), 1'190);
  EXPECT_EQ(Points("1199"), 0);
}

}  // namespace
}  // namespace qalam::db
