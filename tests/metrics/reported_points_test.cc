// What trials report by themselves, beside what is read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/metrics/collection_fixture.h"

namespace qalam::metrics {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ReportedPointsTest : public LocalMetricsCollectionTest {
 protected:
  static MetricPoint At1(std::string name, std::string value) {
    return {"2026-01-02T03:04:05Z", std::move(name), std::move(value)};
  }
};

TEST_F(ReportedPointsTest, GoToTheHandlerInOrderAndAreNotStoredAgain) {
  std::vector<std::string> seen;
  collection().SetPointHandler([&](const std::string& key, const MetricPoint& point) {
    seen.push_back(key + " " + point.name + "=" + point.value);
  });
  ASSERT_TRUE(collection().Start(Request(api::CollectorKind::kPush)).ok());
  collection().Add("trial", {At1("loss", "3"), At1("acc", "1")});
  collection().Add("trial", {At1("loss", "2")});
  collection().Add("unknown", {At1("loss", "2")});
  const CollectionSummary summary = Finish().value();
  EXPECT_THAT(seen, ElementsAre("trial loss=3", "trial acc=1", "trial loss=2"));
  EXPECT_EQ(summary.reports, 2);
  EXPECT_EQ(summary.points, 3);
  EXPECT_THAT(summary.reported, ElementsAre("loss", "acc"));
  EXPECT_THAT(stored_, IsEmpty());
}

TEST_F(ReportedPointsTest, OfPushTheSummaryHasTheLastLinesOfTheProgram) {
  Write("log", "before\none\ntwo\n");
  CollectionRequest request = Request(api::CollectorKind::kPush);
  request.log_offset = 7;
  ASSERT_TRUE(collection().Start(request).ok());
  EXPECT_THAT(Finish()->last_lines, ElementsAre("one", "two"));
}

TEST_F(ReportedPointsTest, OfCustomTheOutputOfTheCollectorIsReadToo) {
  CollectionRequest request = Request(api::CollectorKind::kCustom);
  request.collector_log_file = Path("collector");
  request.collector_log_offset = 4;
  Write("collector", "old\nloss=0.5\nbye\n");
  Write("log", "loss=9\nend of program\n");
  ASSERT_TRUE(collection().Start(request).ok());
  collection().Add("trial", {At1("acc", "1")});
  const CollectionSummary summary = Finish().value();
  EXPECT_THAT(stored_["trial"], ElementsAre(At0("loss", "0.5")));
  EXPECT_EQ(summary.reports, 1);
  EXPECT_EQ(summary.points, 2);
  EXPECT_EQ(summary.lines, 2);
  EXPECT_THAT(summary.collector_last_lines, ElementsAre("loss=0.5", "bye"));
  EXPECT_THAT(summary.last_lines, ElementsAre("loss=9", "end of program"));
}

TEST_F(ReportedPointsTest, AnObjectiveThatWasReportedIsNotUnavailable) {
  CollectionRequest request = Request(api::CollectorKind::kCustom);
  request.collector_log_file = Path("collector");
  ASSERT_TRUE(collection().Start(request).ok());
  collection().Add("trial", {At1("loss", "1")});
  EXPECT_TRUE(Finish().ok());
  EXPECT_THAT(stored_["trial"], IsEmpty());
}

TEST_F(ReportedPointsTest, WithoutAnyReportTheObjectiveOfCustomIsUnavailable) {
  CollectionRequest request = Request(api::CollectorKind::kCustom);
  request.collector_log_file = Path("collector");
  ASSERT_TRUE(collection().Start(request).ok());
  EXPECT_TRUE(Finish().ok());
  EXPECT_THAT(stored_["trial"], ElementsAre(At0("loss", "unavailable")));
}

TEST_F(ReportedPointsTest, CustomNeedsTheCollectorsLog) {
  EXPECT_TRUE(absl::IsInvalidArgument(collection().Start(Request(api::CollectorKind::kCustom))));
}

}  // namespace
}  // namespace qalam::metrics
