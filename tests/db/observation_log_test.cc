#include "db/observation_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "tests/db/temp_dir.h"

namespace qalam::db {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kNoTime = "0001-01-01T00:00:00Z";

class ObservationLogTest : public testing::Test {
 protected:
  std::vector<LogEntry> Read(const LogQuery& query) {
    std::vector<LogEntry> entries;
    const absl::Status status = log_.Read(query, [&](LogEntry entry) {
      entries.push_back(std::move(entry));
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
    return entries;
  }

  std::vector<std::string> Values(const LogQuery& query) {
    std::vector<std::string> values;
    for (const LogEntry& entry : Read(query)) values.push_back(entry.value);
    return values;
  }

  absl::Status Append(const std::string& key, std::vector<LogEntry> entries, const std::string& id = {}) {
    return log_.Append(key, entries, id);
  }

  TempDir dir_;
  std::unique_ptr<Database> database_ = *Database::Open(dir_.File("q.db"));
  ObservationLog log_{*database_};
};

TEST_F(ObservationLogTest, AnswersInTimeOrderInUtcWhateverTheOffsets) {
  ASSERT_EQ(Append("t", {{"2024-03-04T18:00:00+01:00", "loss", "second"},
                         {"2024-03-04T17:00:00.5Z", "loss", "third"},
                         {"2024-03-04T08:59:59.999999999-08:00", "loss", "first"},
                         {kNoTime, "loss", "zeroth"}}),
            absl::OkStatus());
  EXPECT_THAT(Read({.trial_key = "t"}),
              ElementsAre(LogEntry{kNoTime, "loss", "zeroth"},
                          LogEntry{"2024-03-04T16:59:59.999999999Z", "loss", "first"},
                          LogEntry{"2024-03-04T17:00:00Z", "loss", "second"},
                          LogEntry{"2024-03-04T17:00:00.5Z", "loss", "third"}));
}

TEST_F(ObservationLogTest, KeepsTheOrderOfArrivalAmongEqualTimesAndRepeatedEntries) {
  std::vector<std::string> expected;
  for (int batch = 0; batch < 3; ++batch) {
    std::vector<LogEntry> entries;
    for (int i = 0; i < 50; ++i) {
      const std::string value = std::to_string(i == 0 ? batch : i / 2);
      entries.push_back({kNoTime, i % 2 == 0 ? "loss" : "accuracy", value});
      expected.push_back(value);
    }
    ASSERT_EQ(Append("t", entries), absl::OkStatus());
  }
  EXPECT_EQ(Values({.trial_key = "t"}), expected);
}

TEST_F(ObservationLogTest, FiltersByMetricAndInclusiveTimes) {
  ASSERT_EQ(Append("t", {{"2024-01-01T00:00:00Z", "loss", "0"},
                         {"2024-01-01T00:00:01Z", "loss", "1"},
                         {"2024-01-01T00:00:01Z", "accuracy", "1a"},
                         {"2024-01-01T00:00:01.000000001Z", "loss", "1+"},
                         {"2024-01-01T00:00:02Z", "loss", "2"}}),
            absl::OkStatus());
  EXPECT_THAT(Values({.trial_key = "t", .metric = "accuracy"}), ElementsAre("1a"));
  EXPECT_THAT(Values({"t", "loss", "2024-01-01T00:00:01Z", "2024-01-01T00:00:02Z"}),
              ElementsAre("1", "1+", "2"));
  EXPECT_THAT(Values({"t", "", "2024-01-01T01:00:01.000000001+01:00", ""}), ElementsAre("1+", "2"));
  EXPECT_THAT(Values({"t", "", "", "2024-01-01T00:00:01Z"}), ElementsAre("0", "1", "1a"));
  EXPECT_THAT(Values({"t", "", "2024-01-01T00:00:02Z", "2024-01-01T00:00:01Z"}), IsEmpty());
  EXPECT_THAT(Values({.trial_key = "t", .metric = "LOSS"}), IsEmpty());
}

TEST_F(ObservationLogTest, StoresNothingOfABatchWithABadTime) {
  for (const char* bad :
       {"2024", "yesterday", "2024-01-01t00:00:00z", "2024-01-01T00:00:00", "2024-01-01T00:00:00+0000"}) {
    const absl::Status status = Append("t", {{kNoTime, "loss", "1"}, {bad, "loss", "2"}});
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()),
                testing::AllOf(HasSubstr("metric_logs[1].time_stamp"), HasSubstr(bad)));
  }
  EXPECT_THAT(Read({.trial_key = "t"}), IsEmpty());
}

TEST_F(ObservationLogTest, SkipsEntriesWithoutTimeAndTakesEmptyBatches) {
  EXPECT_EQ(Append("t", {}), absl::OkStatus());
  EXPECT_EQ(Append("t", {{"", "loss", "1"}}), absl::OkStatus());
  EXPECT_EQ(Append("t", {{"", "loss", "1"}, {kNoTime, "loss", "2"}}), absl::OkStatus());
  EXPECT_THAT(Values({.trial_key = "t"}), ElementsAre("2"));
}

TEST_F(ObservationLogTest, RefusesBadBounds) {
  for (const LogQuery& query : {LogQuery{"t", "", "2024", ""}, LogQuery{"t", "", "", "noon"}}) {
    EXPECT_EQ(log_.Read(query, [](LogEntry) { return absl::OkStatus(); }).code(),
              absl::StatusCode::kInvalidArgument);
  }
}

TEST_F(ObservationLogTest, KeepsAnyText) {
  const std::string odd("a\0b'\"\n\xf0\x9f\x90\x8c", 10), large(3 << 20, 'x');
  ASSERT_EQ(Append("", {{kNoTime, "", ""}, {kNoTime, odd, "nan"}, {kNoTime, "genotype", large}}),
            absl::OkStatus());
  EXPECT_THAT(Read({}), ElementsAre(LogEntry{kNoTime, "", ""}, LogEntry{kNoTime, odd, "nan"},
                                    LogEntry{kNoTime, "genotype", large}));
  ASSERT_EQ(Append(odd, {{kNoTime, "loss", "1"}}), absl::OkStatus());
  EXPECT_THAT(Values({.trial_key = odd}), ElementsAre("1"));
}

TEST_F(ObservationLogTest, TakesMoreEntriesThanSqlHasParameters) {
  std::vector<LogEntry> entries(40'000, LogEntry{kNoTime, "loss", "1"});
  ASSERT_EQ(Append("t", entries), absl::OkStatus());
  EXPECT_EQ(Read({.trial_key = "t"}).size(), entries.size());
}

constexpr const char* kNoon = "2024-01-01T12:00:00Z";
constexpr const char* kNoonInDelhi = "2024-01-01T17:30:00.000+05:30";
constexpr const char* kAfterNoon = "2024-01-01T12:00:00.000000001Z";

TEST_F(ObservationLogTest, ARepeatedReportStoresNothingTwiceWhateverCameBetween) {
  const std::vector<LogEntry> first = {{kNoon, "loss", "1"}, {kAfterNoon, "loss", "1"}, {kNoon, "acc", "1"}};
  const std::vector<LogEntry> second = {{kNoon, "loss", "2"}, {kNoon, "acc", "1"}};
  for (const auto& report : {first, first, second, first, second}) {
    ASSERT_EQ(Append("t", report), absl::OkStatus());
    ASSERT_EQ(Append("other", report), absl::OkStatus());
  }
  EXPECT_THAT(Values({.trial_key = "t"}), testing::UnorderedElementsAre("1", "1", "1", "2"));
  EXPECT_THAT(Values({.trial_key = "other"}), testing::SizeIs(4));
}

TEST_F(ObservationLogTest, EqualEntriesOfOneReportAreKeptAsOftenAsTheyCome) {
  const std::vector<LogEntry> twice = {{kNoon, "loss", "1"}, {kNoonInDelhi, "loss", "1"}};
  ASSERT_EQ(Append("t", twice), absl::OkStatus());
  ASSERT_EQ(Append("t", {{kNoon, "loss", "1"}}), absl::OkStatus());
  EXPECT_THAT(Values({.trial_key = "t"}), ElementsAre("1", "1"));
  ASSERT_EQ(Append("t", std::vector<LogEntry>(5, {kNoon, "loss", "1"})), absl::OkStatus());
  EXPECT_THAT(Values({.trial_key = "t"}), testing::SizeIs(5));
}

TEST_F(ObservationLogTest, AValueThatComesAgainAtTheSameTimeIsTheLatestOfThatTime) {
  for (const char* value : {"0.5", "0.6", "0.5"}) {
    ASSERT_EQ(Append("t", {{kNoon, "accuracy", value}}), absl::OkStatus());
  }
  EXPECT_THAT(Values({.trial_key = "t"}), ElementsAre("0.6", "0.5"));
}

TEST_F(ObservationLogTest, KeepsEverySingleValueWithoutATime) {
  for (const char* value : {"1", "1", "2", "1"}) {
    ASSERT_EQ(Append("t", {{kNoTime, "loss", value}}), absl::OkStatus());
  }
  EXPECT_THAT(Values({.trial_key = "t"}), ElementsAre("1", "1", "2", "1"));
}

TEST_F(ObservationLogTest, KnowsARepeatedReportWithoutTimesByItsContent) {
  const std::vector<LogEntry> report = {{kNoTime, "loss", "1"}, {kNoTime, "loss", "1"}, {kNoon, "loss", "1"}};
  ASSERT_EQ(Append("t", report), absl::OkStatus());
  ASSERT_EQ(Append("t", report), absl::OkStatus());
  EXPECT_THAT(Values({.trial_key = "t"}), ElementsAre("1", "1", "1"));
  ASSERT_EQ(Append("t", {{kNoTime, "loss", "1"}, {kNoTime, "loss", "2"}}), absl::OkStatus());
  EXPECT_THAT(Values({.trial_key = "t"}), ElementsAre("1", "1", "1", "2", "1"));
}

TEST_F(ObservationLogTest, KnowsARepeatedReportByItsIdAndADifferentOneWhateverItsContent) {
  const std::vector<LogEntry> report = {{kNoTime, "loss", "1"}, {kNoTime, "acc", "1"}};
  for (const char* id : {"a", "a", "b", "b"}) ASSERT_EQ(Append("t", report, id), absl::OkStatus());
  EXPECT_THAT(Values({.trial_key = "t"}), testing::SizeIs(4));
  for (const char* id : {"c", "c"}) ASSERT_EQ(Append("t", {{kNoTime, "loss", "2"}}, id), absl::OkStatus());
  EXPECT_THAT(Values({.trial_key = "t"}), testing::SizeIs(5));
}

TEST_F(ObservationLogTest, KnowsARepeatedReportAfterTheFileWasOpenedAgain) {
  const std::vector<LogEntry> report = {{kNoTime, "loss", "1"}, {kNoTime, "loss", "2"}};
  ASSERT_EQ(Append("t", report), absl::OkStatus());
  database_.reset();
  const auto again = Database::Open(dir_.File("q.db"));
  ASSERT_TRUE(again.ok()) << again.status();
  ObservationLog log(**again);
  ASSERT_EQ(log.Append("t", report), absl::OkStatus());
  int points = 0;
  ASSERT_EQ(log.Read({.trial_key = "t"}, [&](LogEntry) { return ++points, absl::OkStatus(); }),
            absl::OkStatus());
  EXPECT_EQ(points, 2);
}

TEST_F(ObservationLogTest, RefusesMorePointsOfATrialThanAllowed) {
  ObservationLog limited(*database_, {.max_points_per_trial = 3});
  const std::vector<LogEntry> two = {{kNoon, "loss", "1"}, {kNoon, "loss", "2"}};
  ASSERT_EQ(limited.Append("t", two), absl::OkStatus());
  ASSERT_EQ(limited.Append("t", two), absl::OkStatus());
  const std::vector<LogEntry> more = {{kAfterNoon, "loss", "1"}, {kAfterNoon, "loss", "2"}};
  const absl::Status status = limited.Append("t", more);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()), HasSubstr("'t' would have 4 points, 3 are allowed"));
  EXPECT_THAT(Values({.trial_key = "t"}), ElementsAre("1", "2"));
  ASSERT_EQ(limited.Append("t", std::span(more).first(1)), absl::OkStatus());
  ASSERT_EQ(limited.Append("other", more), absl::OkStatus());
  ASSERT_EQ(limited.Delete("t"), absl::OkStatus());
  ASSERT_EQ(limited.Append("t", more), absl::OkStatus());
}

TEST_F(ObservationLogTest, ReadsOnWhileAnotherReadTakesItsTime) {
  ASSERT_EQ(Append("t", {{kNoon, "loss", "1"}, {kNoon, "loss", "2"}}), absl::OkStatus());
  std::vector<std::string> inner;
  ASSERT_EQ(log_.Read({.trial_key = "t"},
                      [&](LogEntry) {
                        std::thread([&] { inner = Values({.trial_key = "t"}); }).join();
                        return absl::OkStatus();
                      }),
            absl::OkStatus());
  EXPECT_THAT(inner, ElementsAre("1", "2"));
}

TEST_F(ObservationLogTest, DeletesOneKeyOnly) {
  ASSERT_EQ(Append("a", {{kNoTime, "loss", "1"}}), absl::OkStatus());
  ASSERT_EQ(Append("b", {{kNoTime, "loss", "2"}}), absl::OkStatus());
  EXPECT_EQ(log_.Delete("a"), absl::OkStatus());
  EXPECT_EQ(log_.Delete("never seen"), absl::OkStatus());
  EXPECT_THAT(Values({.trial_key = "a"}), IsEmpty());
  EXPECT_THAT(Values({.trial_key = "b"}), ElementsAre("2"));
}

TEST_F(ObservationLogTest, StopsReadingWhenTheReaderHasEnough) {
  ASSERT_EQ(Append("t", std::vector<LogEntry>(10, LogEntry{kNoTime, "loss", "1"})), absl::OkStatus());
  int rows = 0;
  const absl::Status status = log_.Read({.trial_key = "t"}, [&](LogEntry) {
    return ++rows == 3 ? absl::ResourceExhaustedError("enough") : absl::OkStatus();
  });
  EXPECT_EQ(status, absl::ResourceExhaustedError("enough"));
  EXPECT_EQ(rows, 3);
  EXPECT_EQ(Values({.trial_key = "t"}).size(), 10u);
}

TEST_F(ObservationLogTest, TakesReportsFromManyThreads) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) {
        ASSERT_EQ(Append("t" + std::to_string(t), {{kNoTime, "loss", std::to_string(i)}}), absl::OkStatus());
        ASSERT_EQ(Values({.trial_key = "t" + std::to_string(t)}).size(), static_cast<size_t>(i + 1));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace qalam::db
