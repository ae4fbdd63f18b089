#include "metrics/text_collector.h"

#include <gmock/gmock.h>

#include <random>

#include "metrics/timestamps.h"
#include "tests/metrics/read_all.h"

namespace qalam::metrics {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TextCollector Collect(std::vector<std::string> wanted, const std::vector<std::string>& filters = {}) {
  return TextCollector(std::move(wanted), *TextFilters::Compile(filters));
}

MetricPoint At0(std::string name, std::string value) {
  return {std::string(kZeroTime), std::move(name), std::move(value)};
}

struct Case {
  const char* line;
  std::vector<std::string> values;  // of loss, under the default filter
};

class DefaultFilter : public testing::TestWithParam<Case> {};

TEST_P(DefaultFilter, StoresTheValue) {
  TextCollector collector = Collect({"loss"});
  std::vector<std::string> values;
  for (const MetricPoint& point : ReadAll(collector, GetParam().line).points) {
    EXPECT_EQ(point.name, "loss");
    EXPECT_EQ(point.time_stamp, kZeroTime);
    values.push_back(point.value);
  }
  EXPECT_EQ(values, GetParam().values);
}

// The table of the contract, section 4.4; where Katib stores an empty text for something that is no number,
// the text.
INSTANTIATE_TEST_SUITE_P(Contract, DefaultFilter,
                         testing::Values(Case{"loss=0.3", {"0.3"}}, Case{"loss = 0.3", {"0.3"}},
                                         Case{"epoch=1 loss=0.3, acc=0.9", {"0.3"}},
                                         Case{"loss=.98", {".98"}}, Case{"loss=-7.53e-05", {"-7.53e-05"}},
                                         Case{"loss=1E0", {"1E0"}}, Case{"loss=1.", {"1"}},
                                         Case{"loss=nan", {"nan"}}, Case{"loss=", {""}},
                                         Case{"loss==5", {"=5"}}, Case{"loss: 0.5", {}},
                                         Case{"val_loss=0.3", {}},
                                         Case{"{metricName: loss, metricValue: 0.98}", {}}));

INSTANTIATE_TEST_SUITE_P(NotANumber, DefaultFilter,
                         testing::Values(Case{"loss = NaN", {"NaN"}}, Case{"loss=nan, acc=0.9", {"nan"}},
                                         Case{"(loss=nan)", {"nan"}}, Case{"loss=inf;", {"inf"}},
                                         Case{"loss= acc=0.9", {""}}, Case{"loss=   ", {""}},
                                         Case{"loss=abc def", {"abc"}}, Case{"loss=-inf", {"-"}}));

INSTANTIATE_TEST_SUITE_P(Shapes, DefaultFilter,
                         testing::Values(Case{"loss=1 loss=2 loss=3", {"1", "2", "3"}},
                                         Case{"loss\t=\t+5", {"+5"}},
                                         Case{"loss=0.5\r\nloss=0.25\r\n", {"0.5", "0.25"}},
                                         Case{"epoch 1\rloss=0.5\rloss=0.4", {"0.5", "0.4"}},
                                         Case{"Loss=1", {}}, Case{"loss.mean=1", {}},
                                         Case{"train|loss=1", {}}, Case{"the loss is falling", {}},
                                         Case{"", {}}));

TEST(TextCollector, TakesWantedMetricsOnly) {
  TextCollector collector = Collect({"accuracy", "loss"});
  EXPECT_THAT(ReadAll(collector, "epoch=1 loss=0.3 lr=0.1 accuracy=0.9\n").points,
              ElementsAre(At0("loss", "0.3"), At0("accuracy", "0.9")));
}

TEST(TextCollector, UsesEveryMatchOfEveryExpressionInTheirOrder) {
  TextCollector collector =
      Collect({"loss", "acc"}, {R"((\w+): (\S+))", R"(\{metricName: (\w+), metricValue: (\S+)\})"});
  EXPECT_THAT(ReadAll(collector, "loss: 0.5 acc: 0.9 {metricName: loss, metricValue: 0.4}").points,
              ElementsAre(At0("loss", "0.5"), At0("acc", "0.9"), At0("loss", "0.4")));
}

TEST(TextCollector, TrimsNamesAndValues) {
  TextCollector collector = Collect({"loss"}, {"([^:]*):([^,]*)"});
  EXPECT_THAT(ReadAll(collector, "  loss :  0.5 ,x").points, ElementsAre(At0("loss", "0.5")));
}

TEST(TextCollector, KeepsAnEmptyValueOfAUsersExpression) {
  TextCollector collector = Collect({"loss"}, {R"((\w+): (\d*))"});
  EXPECT_THAT(ReadAll(collector, "loss: nan").points, ElementsAre(At0("loss", "")));
}

TEST(TextCollector, ReadsTheTimeBeforeTheFirstBlank) {
  TextCollector collector = Collect({"loss"});
  EXPECT_THAT(
      ReadAll(collector,
              "2024-05-01T12:00:00.25+02:00 loss=1\n"
              "2024-05-01 12:00:00Z loss=2\n"
              "[2024-05-01T12:00:00Z] loss=3\n"
              "2024-05-01T12:00:00Z\tloss=4\n"
              "2024-05-01T12:00:00Z epoch=1 loss=5 loss=6")
          .points,
      ElementsAre(MetricPoint{"2024-05-01T12:00:00.25+02:00", "loss", "1"}, At0("loss", "2"),
                  At0("loss", "3"), At0("loss", "4"), MetricPoint{"2024-05-01T12:00:00Z", "loss", "5"},
                  MetricPoint{"2024-05-01T12:00:00Z", "loss", "6"}));
}

TEST(TextCollector, SearchesLinesThatAreNotUtf8AndReportsUtf8) {
  TextCollector collector = Collect({"loss"});
  const ReadResult result = ReadAll(collector, "\xFF\xFE loss=0.5 \xC3\nloss=\xE9\n\x80\n");
  EXPECT_THAT(result.points, ElementsAre(At0("loss", "0.5"), At0("loss", "\xEF\xBF\xBD")));
  EXPECT_EQ(result.invalid, 3);
}

TEST(TextCollector, MatchesNamesAndExpressionsBeyondAscii) {
  TextCollector collector = Collect({"genauigkeit_\xC3\xBC"}, {"([\\w\xC3\xBC]+)=(.)"});
  EXPECT_THAT(ReadAll(collector, "genauigkeit_\xC3\xBC=\xE2\x82\xAC").points,
              ElementsAre(At0("genauigkeit_\xC3\xBC", "\xE2\x82\xAC")));
}

TEST(TextCollector, SearchesAcrossNulBytes) {
  TextCollector collector = Collect({"loss"});
  const std::string line("\0\0\0loss=0.5\0x", 14);
  EXPECT_THAT(ReadAll(collector, line).points, ElementsAre(At0("loss", "0.5")));
}

TEST(TextCollector, ReadsTheFirstMebibyteOfALongLine) {
  TextCollector collector = Collect({"loss"});
  const ReadResult result =
      ReadAll(collector, "loss=1 " + std::string(10 << 20, 'x') + " loss=2\nloss=3\n", 256 << 10);
  EXPECT_THAT(result.points, ElementsAre(At0("loss", "1"), At0("loss", "3")));
  EXPECT_EQ(result.lines, 2);
  EXPECT_EQ(result.invalid, 1);
}

TEST(TextCollector, NeverReportsHalfANumberOfALongLine) {
  for (const std::string_view end : {" loss=0.125", " loss=1e-5", " loss = 77"}) {
    for (size_t kept = 0; kept <= end.size(); ++kept) {
      TextCollector collector = Collect({"loss"});
      const std::string line = std::string(kMaxLineBytes - kept, 'x').append(end).append(" and so on");
      EXPECT_THAT(ReadAll(collector, line).points, IsEmpty()) << end << " cut after " << kept;
    }
  }
}

TEST(TextCollector, CutsAValueThatIsNoNumberBecauseOfItsLength) {
  TextCollector collector = Collect({"loss"});
  const ReadResult result = ReadAll(collector, "loss=a" + std::string(100'000, 'b'));
  ASSERT_EQ(result.points.size(), 1u);
  EXPECT_EQ(result.points[0].value.size(), kMaxTextBytes);
}

TEST(TextCollector, GivesTheSamePointsHoweverTheBytesAreDivided) {
  std::mt19937 random(11);
  const std::vector<std::string> pieces = {"loss",
                                           "=",
                                           "0.5",
                                           "nan",
                                           " ",
                                           "\n",
                                           "\r",
                                           "\r\n",
                                           "acc",
                                           "e-3",
                                           "\xC3",
                                           "\xA9",
                                           ",",
                                           "2024-05-01T12:00:00Z ",
                                           std::string(1, '\0')};
  for (int round = 0; round < 300; ++round) {
    std::string output;
    for (int i = 0; i < 30; ++i) output += pieces[random() % pieces.size()];
    TextCollector collector = Collect({"loss", "acc"});
    const ReadResult whole = ReadAll(collector, output);
    ASSERT_EQ(ReadAll(collector, output, 1), whole) << testing::PrintToString(output);
    ASSERT_EQ(ReadAll(collector, output, 7), whole) << testing::PrintToString(output);
  }
}

TEST(WantedMetrics, AreTheObjectiveFirstAndEachOnce) {
  api::ObjectiveSpec objective;
  objective.objective_metric_name = "loss";
  objective.additional_metric_names = {"acc", "loss", "acc", "f1"};
  EXPECT_THAT(WantedMetrics(objective), ElementsAre("loss", "acc", "f1"));
}

}  // namespace
}  // namespace qalam::metrics
