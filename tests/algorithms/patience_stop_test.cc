#include "algorithms/patience_stop.h"

#include <gmock/gmock.h>

#include "tests/algorithms/support.h"

namespace qalam::algorithms {
namespace {

using testing::Must;

std::string Refusal(const Settings& settings) {
  const absl::Status status = patience_stop::Validate(settings);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  return std::string(status.message());
}

Problem ProblemWith(Settings settings, std::string metric = "loss") {
  Problem problem;
  problem.objectives = {{std::move(metric), Direction::kMinimize}};
  problem.settings = std::move(settings);
  return problem;
}

StoppingRule RuleOf(Settings settings) {
  return Must(Must(patience_stop::Create(ProblemWith(std::move(settings))))->Rules({})).at(0);
}

TEST(PatienceStop, RefusesWhatIsNoPatience) {
  EXPECT_EQ(Refusal({{"patience", "0"}}), "patience must be greater than zero (>0)");
  EXPECT_EQ(Refusal({{"min_delta", "-0.1"}}), "min_delta must be greater or equal than zero (>=0)");
  EXPECT_EQ(Refusal({{"start_step", "0"}}), "start_step must be greater or equal than one (>=1)");
  EXPECT_EQ(Refusal({{"min_delta", "nan"}}), "failed to validate min_delta(nan): not a number");
  EXPECT_EQ(Refusal({{"statistic", "mean"}}), "unknown setting statistic for algorithm patience");
  EXPECT_EQ(patience_stop::Create(ProblemWith({}, "")).status().message(),
            "patience needs the name of the objective metric, got ''");
  EXPECT_EQ(patience_stop::Create({}).status().message(), "patience needs an objective, got none");
}

TEST(PatienceStop, CountsReportsOfTheObjective) {
  const StoppingRule rule = RuleOf({});
  EXPECT_EQ(rule.metric, "reports_since_improvement(loss)");
  EXPECT_EQ(rule.value, 4);  // the fifth report without improvement is more
  EXPECT_EQ(rule.comparison, Comparison::kGreater);
  EXPECT_EQ(rule.start_step, 1);
}

TEST(PatienceStop, SaysHowMuchBetterIsBetter) {
  const StoppingRule rule = RuleOf({{"patience", "3"}, {"min_delta", "0.001"}, {"start_step", "10"}});
  EXPECT_EQ(rule.metric, "reports_since_improvement(loss, 0.001)");
  EXPECT_EQ(rule.value, 2);
  EXPECT_EQ(rule.start_step, 10);
}

}  // namespace
}  // namespace qalam::algorithms
