#include "metrics/scraped_metrics.h"

#include <gmock/gmock.h>

#include "tests/metrics/point_list.h"

namespace qalam::metrics {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ScrapedMetricsTest : public testing::Test {
 protected:
  // Scrapes come a second after one another, the first one in second 1.
  void Scrape(ScrapedMetrics& metrics, std::string_view body, bool open_metrics = false) {
    metrics.Read(body, open_metrics, absl::FromUnixSeconds(++second_), list_);
  }

  std::vector<std::string> Points() const {
    std::vector<std::string> texts;
    for (const MetricPoint& point : list_.points) {
      texts.push_back(point.time_stamp.substr(17) + " " + point.name + "=" + point.value);
    }
    return texts;
  }

  static std::string Evidence(const ScrapedMetrics& metrics) {
    CollectionSummary summary;
    metrics.Describe(summary);
    return summary.evidence;
  }

  PointList list_;
  int second_ = 0;
};

TEST_F(ScrapedMetricsTest, GivesAPointWhenTheValueChanges) {
  ScrapedMetrics metrics = *ScrapedMetrics::Create({"loss", "acc"});
  Scrape(metrics, "loss 0.5\nother 9\n");
  Scrape(metrics, "loss 0.5\nacc 0.7\n");
  Scrape(metrics, "");
  Scrape(metrics, "loss 0.4\nacc 0.7\n");
  Scrape(metrics, "loss 0.5\nacc 0.7\n");
  EXPECT_THAT(Points(), ElementsAre("01Z loss=0.5", "02Z acc=0.7", "04Z loss=0.4", "05Z loss=0.5"));
}

TEST_F(ScrapedMetricsTest, GivesAPointPerTimestampInItsUnit) {
  ScrapedMetrics metrics = *ScrapedMetrics::Create({"loss"});
  Scrape(metrics, "loss 0.5 10250\n");
  Scrape(metrics, "loss 0.5 10250\n");
  Scrape(metrics, "loss 0.5 11000\n");
  Scrape(metrics, "loss 0.5 12.5\n", true);
  EXPECT_THAT(Points(), ElementsAre("10.25Z loss=0.5", "11Z loss=0.5", "12.5Z loss=0.5"));
}

TEST_F(ScrapedMetricsTest, TakesTheZeroOfWhatWasNeverSetForNoValue) {
  ScrapedMetrics metrics = *ScrapedMetrics::Create({"loss", "acc", "stamped"});
  Scrape(metrics, "loss 0.0\nacc 0\nstamped 0 1000\n");
  Scrape(metrics, "loss 0.7\nacc 0\n");
  Scrape(metrics, "loss 0.0\nacc 0\n");
  metrics.Finish(list_);
  EXPECT_THAT(Points(), ElementsAre("01Z stamped=0", "02Z loss=0.7", "03Z loss=0.0", "01Z acc=0"));
}

TEST_F(ScrapedMetricsTest, WantsExactlyOneSample) {
  ScrapedMetrics metrics = *ScrapedMetrics::Create({"loss", "loss{phase=\"val\"}"});
  Scrape(metrics, "loss{phase=\"train\"} 1\nloss{phase=\"val\"} 2\n");
  EXPECT_THAT(Points(), ElementsAre("01Z loss{phase=\"val\"}=2"));
  EXPECT_THAT(Evidence(metrics), HasSubstr("loss has 2 samples, and a label must tell them apart"));
  Scrape(metrics, "loss{phase=\"train\"} 1\n");
  EXPECT_THAT(Points(), ElementsAre("01Z loss{phase=\"val\"}=2", "02Z loss=1"));
}

TEST_F(ScrapedMetricsTest, SaysWhatTheEndpointShowed) {
  ScrapedMetrics metrics = *ScrapedMetrics::Create({"loss"});
  EXPECT_EQ(Evidence(metrics), "the endpoint showed no metrics");
  Scrape(metrics, "<html>\n");
  EXPECT_EQ(Evidence(metrics), "the endpoint's answer holds no metrics");
  Scrape(metrics, "python_info 1\n");
  EXPECT_EQ(Evidence(metrics), "the endpoint showed nothing but metrics of its own runtime");
  Scrape(metrics, "val_loss 1\nacc 1\nacc_created 5\n");
  EXPECT_EQ(Evidence(metrics), "the endpoint showed acc, val_loss");
  EXPECT_THAT(Points(), IsEmpty());
}

TEST_F(ScrapedMetricsTest, NamesTheMetricThatCannotBeSelected) {
  const auto status = ScrapedMetrics::Create({"loss", "train/acc"}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("\"train/acc\""));
}

}  // namespace
}  // namespace qalam::metrics
