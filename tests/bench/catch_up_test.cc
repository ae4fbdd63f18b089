#include "bench/catch_up.h"

#include <gmock/gmock.h>

#include <cmath>

#include "bench/contestant.h"
#include "tests/bench/support.h"

namespace qalam::bench {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

RunRecord Record(const std::string& optimizer, std::uint64_t seed, std::vector<Improvement> curve) {
  RunRecord record;
  record.optimizer = optimizer;
  record.problem = "p";
  record.seed = seed;
  record.evaluations = 100;
  record.time = 50;
  record.curve = std::move(curve);
  return record;
}

// The reference ends with 3, 2 and 1; the other one reaches 2 after 10, 40 and never.
const std::vector<RunRecord> kRecords = {
    Record("reference", 0, {{1, 9, 1}, {80, 3, 40}}),
    Record("reference", 1, {{1, 9, 1}, {60, 2, 30}}),
    Record("reference", 2, {{50, 1, 25}}),
    Record("other", 0, {{1, 5, 0.5}, {10, 2, 5}}),
    Record("other", 1, {{40, 1.5, 20}}),
    Record("other", 2, {{3, 4, 2}}),
};

TEST(CatchUps, CountUntilTheMedianThatTheReferenceEndsWith) {
  double target = 0;
  const std::vector<CatchUp> entries = CatchUps(kRecords, "reference", target);
  EXPECT_EQ(target, 2);
  ASSERT_THAT(entries, SizeIs(2));
  EXPECT_EQ(entries[0].optimizer, "other");
  EXPECT_EQ(entries[0].runs, 3);
  EXPECT_EQ(entries[0].reached, 2);
  EXPECT_EQ(entries[0].cost, 40);
  EXPECT_EQ(entries[0].share, 0.4);
  EXPECT_EQ(entries[0].time_share, 0.4);
  EXPECT_EQ(entries[0].regret, 2);
  EXPECT_EQ(entries[0].low, 10);  // 7 draws of 27 have the 10 twice
  EXPECT_TRUE(std::isinf(entries[0].high));
  EXPECT_EQ(entries[1].cost, 60);
}

TEST(CatchUps, NeedRunsOfTheReference) {
  double target = 0;
  EXPECT_THAT(CatchUps(kRecords, "nobody", target), IsEmpty());
}

TEST(CatchUps, SayNeverWhereMostRunsDidNotGetThere) {
  std::vector<RunRecord> records = {kRecords[0], kRecords[1], kRecords[2], Record("late", 0, {{1, 9}}),
                                    Record("late", 1, {{1, 1}})};
  double target = 0;
  const std::vector<CatchUp> entries = CatchUps(records, "reference", target);
  const auto rows = CatchUpRows(entries, "epochs");
  EXPECT_EQ(rows[0][1], "epochs to the target");
  EXPECT_THAT(rows[2], ElementsAre("late", "never", "1 to never", "", "", "1/2", "5"));
}

TEST(CatchUps, TakeRunsWithoutAnyResult) {
  const std::vector<RunRecord> records = {kRecords[0], Record("none", 0, {}), Record("none", 1, {})};
  double target = 0;
  const std::vector<CatchUp> entries = CatchUps(records, "reference", target);
  ASSERT_THAT(entries, SizeIs(2));
  EXPECT_TRUE(std::isinf(entries[1].regret)) << entries[1].regret;
}

TEST(RecordsOf, AreThoseOfOneProblem) {
  EXPECT_THAT(RecordsOf(kRecords, "p"), SizeIs(6));
  EXPECT_THAT(RecordsOf(kRecords, "q"), IsEmpty());
}

}  // namespace
}  // namespace qalam::bench
