#include "cli/diagnose_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evidence_fixture.h"

namespace qalam::cli {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<Cause> Diagnose(const Scene& scene) { return DiagnoseMetrics(scene.Evidence()); }

api::MetricsCollectorSpec FileCollector(const std::string& format) {
  api::MetricsCollectorSpec collector{.kind = api::CollectorKind::kFile};
  collector.source.emplace().file_system_path = api::FileSystemPath{"/no/such/metrics.log", "File", format};
  return collector;
}

TEST(DiagnoseMetrics, OffersWhatWouldHaveReadTheNearestLine) {
  Scene scene(WithoutMetrics());
  const std::vector<Cause> causes = Diagnose(scene.Printed("epoch 1\nval_accuracy: 0.93\ndone\n"));
  ASSERT_EQ(causes.size(), 1u);
  EXPECT_EQ(causes[0].key, "near-miss");
  EXPECT_THAT(causes[0].evidence, ElementsAre("val_accuracy: 0.93"));
  EXPECT_THAT(causes[0].remedy, HasSubstr("print accuracy=0.93"));
  EXPECT_THAT(causes[0].paste,
              ElementsAre("objectiveMetricName: val_accuracy", HasSubstr("metricsFormat: ['")));
}

TEST(DiagnoseMetrics, QuotesAnExpressionForYaml) {
  Scene scene(WithoutMetrics());
  scene.trial.spec.objective.objective_metric_name = "it's";
  EXPECT_THAT(Diagnose(scene.Printed("it's: 3\n"))[0].paste, ElementsAre(HasSubstr("''s")));
}

TEST(DiagnoseMetrics, TellsNoOutputFromOutputWithoutTheMetric) {
  Scene scene(WithoutMetrics());
  EXPECT_EQ(Diagnose(scene)[0].key, "output-elsewhere");
  EXPECT_EQ(Diagnose(scene.Printed(""))[0].key, "no-output");
  const Cause cause = Diagnose(scene.Printed("a\nb\nc\nd\n"))[0];
  EXPECT_EQ(cause.key, "not-printed");
  EXPECT_THAT(cause.evidence, ElementsAre("b", "c", "d"));
  EXPECT_THAT(cause.remedy, HasSubstr("accuracy=0.5"));
}

TEST(DiagnoseMetrics, TellsAMetricsFileThatWasNeverWritten) {
  Scene scene(WithoutMetrics(FileCollector("TEXT")));
  scene.metrics_file = WrittenFile{.path = "/data/t/metrics.log"};
  const Cause cause = Diagnose(scene)[0];
  EXPECT_EQ(cause.key, "file-not-written");
  EXPECT_THAT(cause.text, AllOf(HasSubstr("/data/t/metrics.log"), testing::Not(HasSubstr("built in"))));
  scene.trial.spec.metrics_collector.source->file_system_path->path = "/proc/self/status";
  EXPECT_THAT(Diagnose(scene)[0].text, HasSubstr("built in"));
}

TEST(DiagnoseMetrics, OffersTheOtherFormatOfAFile) {
  Scene scene(WithoutMetrics(FileCollector("TEXT")));
  scene.metrics_file = Scene::File("{\"accuracy\": 0.5}\n");
  EXPECT_THAT(Diagnose(scene)[0].paste, ElementsAre("format: JSON"));
  Scene json(WithoutMetrics(FileCollector("JSON")));
  json.metrics_file = Scene::File("accuracy=0.5\n");
  EXPECT_THAT(Diagnose(json)[0].paste, ElementsAre("format: TEXT"));
}

TEST(DiagnoseMetrics, TellsValuesThatAreNoNumbersAndTheStrategyThatPickedOne) {
  Scene scene(WithoutMetrics());
  scene.objective = {.count = 3, .finite = 0, .last = "nan"};
  const std::vector<Cause> all = Diagnose(scene);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].key, "value-not-finite");
  EXPECT_THAT(all[0].text, HasSubstr("\"nan\""));
  scene.objective = {.count = 3, .finite = 2, .last = "nan", .last_finite = "0.5"};
  scene.trial.spec.objective.metric_strategies = {{"accuracy", api::MetricStrategyType::kLatest}};
  const std::vector<Cause> some = Diagnose(scene);
  ASSERT_EQ(some.size(), 2u);
  EXPECT_EQ(some[0].key, "strategy");
  EXPECT_THAT(some[0].text, AllOf(HasSubstr("2 of 3"), HasSubstr("latest")));
  EXPECT_THAT(some[0].paste, ElementsAre("metricStrategies: [{name: accuracy, value: max}]"));
}

TEST(DiagnoseMetrics, LeavesOtherCollectorsToSayWhatTheyMissed) {
  const std::vector<Cause> causes = Diagnose(Scene(WithoutMetrics({.kind = api::CollectorKind::kPush})));
  ASSERT_EQ(causes.size(), 1u);
  EXPECT_EQ(causes[0].key, "not-reported");
  EXPECT_THAT(causes[0].text, HasSubstr("objective accuracy was never reported"));
}

TEST(DiagnoseMetrics, FindsNoFaultWithFiniteValuesThatAreStillToBeRead) {
  Scene scene(Started(MakeTrial("quick-a"), 1));
  AddCondition(scene.trial.status.conditions, "EarlyStopped", At(9));
  scene.objective = {.count = 4, .finite = 4, .last = "0.6", .last_finite = "0.6"};
  EXPECT_THAT(Diagnose(scene), IsEmpty());
}

TEST(DiagnoseMetrics, HasNothingToSayWhereTheObjectiveIsThere) {
  Scene scene(Succeeded(Started(MakeTrial("quick-a"), 1), 5, "0.5"));
  EXPECT_THAT(Diagnose(scene.Printed("Accuracy: 0.5\n")), IsEmpty());
}

}  // namespace
}  // namespace qalam::cli
