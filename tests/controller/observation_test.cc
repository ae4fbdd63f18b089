#include "controller/observation.h"

#include <gtest/gtest.h>

#include "api/trial_facts.h"

namespace qalam::controller {
namespace {

namespace wire = ::api::v1::beta1;

constexpr char kZeroTime[] = "0001-01-01T00:00:00Z";

api::ObjectiveSpec Objective(api::MetricStrategyType strategy) {
  api::ObjectiveSpec objective;
  objective.objective_metric_name = "loss";
  objective.additional_metric_names = {"acc"};
  objective.metric_strategies = {{"loss", strategy}, {"acc", api::MetricStrategyType::kMax}};
  return objective;
}

wire::ObservationLog Log(const std::vector<std::array<std::string, 3>>& rows) {
  wire::ObservationLog log;
  for (const auto& [time, name, value] : rows) {
    wire::MetricLog& row = *log.add_metric_logs();
    row.set_time_stamp(time);
    row.mutable_metric()->set_name(name);
    row.mutable_metric()->set_value(value);
  }
  return log;
}

TEST(Summarise, KeepsTheTextsThatWereReported) {
  const auto observation =
      Summarise(Log({{kZeroTime, "loss", "1e-1"}, {kZeroTime, "loss", "5E-2"}, {kZeroTime, "loss", ".07"}}),
                Objective(api::MetricStrategyType::kMin));
  ASSERT_TRUE(observation.ok());
  ASSERT_TRUE(observation->has_value());
  EXPECT_EQ((*observation)->metrics[0], (api::MetricValue{"loss", "5E-2", "1e-1", ".07"}));
  EXPECT_EQ((*observation)->metrics[1],
            (api::MetricValue{"acc", "unavailable", "unavailable", "unavailable"}));
}

TEST(Summarise, LatestGoesByTimeThenByOrder) {
  const auto observation = Summarise(Log({{"2026-01-01T00:00:02+01:00", "loss", "old"},
                                          {"2026-01-01T00:00:01Z", "loss", "3"},
                                          {"2026-01-01T00:00:01.000Z", "loss", "4"},
                                          {"2026-01-01T00:00:00Z", "loss", "5"}}),
                                     Objective(api::MetricStrategyType::kLatest));
  EXPECT_EQ((**observation).metrics[0], (api::MetricValue{"loss", "3", "5", "4"}));
}

TEST(Summarise, HasNothingToSayAboutAnEmptyLog) {
  EXPECT_EQ(*Summarise({}, Objective(api::MetricStrategyType::kMin)), std::nullopt);
}

TEST(Summarise, RefusesATimeThatIsNone) {
  EXPECT_EQ(
      Summarise(Log({{"yesterday", "loss", "1"}}), Objective(api::MetricStrategyType::kMin)).status().code(),
      absl::StatusCode::kInvalidArgument);
}

TEST(Summarise, AFiniteMinimumSurvivesALaterNan) {
  const auto objective = Objective(api::MetricStrategyType::kMin);
  const auto observation =
      Summarise(Log({{kZeroTime, "loss", "0.5"}, {kZeroTime, "loss", "nan"}}), objective);
  EXPECT_EQ(api::ObjectiveValue(objective, **observation), 0.5);
}

}  // namespace
}  // namespace qalam::controller
