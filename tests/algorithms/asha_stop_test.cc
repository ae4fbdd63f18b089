#include "algorithms/asha_stop.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/algorithms/curve_support.h"
#include "tests/algorithms/support.h"

namespace qalam::algorithms {
namespace {

using testing::CurveProblem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Must;
using testing::TrialWith;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// "" without a rule.
std::string RuleOf(const History& history, Settings settings = {},
                   Direction direction = Direction::kMinimize) {
  const std::vector<StoppingRule> rules =
      Must(Must(asha_stop::Create(CurveProblem(std::move(settings), direction)))->Rules(history));
  if (rules.empty()) return "";
  EXPECT_EQ(rules.size(), 1u);
  EXPECT_EQ(rules[0].comparison, Comparison::kGreater);
  EXPECT_EQ(rules[0].value, 0);
  return rules[0].metric;
}

TEST(AshaStop, RefusesWhatIsNoHalving) {
  const auto refusal = [](const Settings& settings) {
    const absl::Status status = asha_stop::Validate(settings);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
    return std::string(status.message());
  };
  EXPECT_EQ(refusal({{"eta", "1"}}), "eta must be from 2 to 2147483647, got 1");
  EXPECT_EQ(refusal({{"r_min", "0"}}), "r_min must be from 1 to 2147483647, got 0");
  EXPECT_EQ(refusal({{"eta", "2.5"}}), "failed to validate eta(2.5): not a whole number");
  EXPECT_EQ(refusal({{"start_step", "1"}}), "unknown setting start_step for algorithm asha");
  EXPECT_EQ(refusal({{"evaluate", "now"}}), "evaluate must be every or once, got 'now'");
  EXPECT_EQ(asha_stop::Create({}).status().message(), "asha needs an objective, got none");
}

// Nine trials of nine reports by eta = 3: of n others the floor((n + 1) / 3)-th best is the bound.
TEST(AshaStop, LetsTheBestThirdGoOn) {
  History history;
  for (int i = 1; i <= 8; ++i) history.trials.push_back(TrialWith({10.0 * i, 9.0 * i, 8.0 * i}));
  EXPECT_EQ(RuleOf(history), "beyond_schedule(loss, 1:30, 3:24)") << "of 9 the best 3 go on";
  history.trials.push_back(TrialWith({90}, TrialStatus::kEarlyStopped));
  EXPECT_EQ(RuleOf(history), "beyond_schedule(loss, 1:30, 3:24)");
  for (int i = 0; i < 2; ++i) history.trials.push_back(TrialWith({5, 50, 50}, TrialStatus::kPending));
  EXPECT_EQ(RuleOf(history), "beyond_schedule(loss, 1:20, 3:8)")
      << "5 5 10 20 ... at the first rung, 5 5 8 16 ... at the second: running trials count with their best "
         "value";
}

TEST(AshaStop, FewerThanEtaAreLetGo) {
  History history;
  EXPECT_EQ(RuleOf(history), "");
  history.trials = {TrialWith({1, 1, 1})};
  EXPECT_EQ(RuleOf(history), "");
  history.trials.push_back(TrialWith({2}));
  EXPECT_EQ(RuleOf(history), "beyond_schedule(loss, 1:1)") << "the third one has to be the best of three";
  EXPECT_EQ(RuleOf(history, {{"eta", "4"}}), "");
  EXPECT_EQ(RuleOf(history, {{"eta", "2"}}), "beyond_schedule(loss, 1:1, 2:1)");
}

TEST(AshaStop, RungsArePowersOfEtaFromTheFirstOn) {
  History history;
  for (int i = 0; i < 5; ++i) history.trials.push_back(TrialWith(std::vector<double>(200, i)));
  EXPECT_EQ(RuleOf(history, {{"r_min", "5"}, {"eta", "6"}}), "beyond_schedule(loss, 5:0, 30:0, 180:0)");
  const auto stopper = Must(asha_stop::Create(CurveProblem({{"r_min", "5"}, {"eta", "6"}})));
  EXPECT_EQ(stopper->curve_length(), 1080);
  EXPECT_EQ(Must(asha_stop::Create(CurveProblem({{"r_min", "2147483647"}})))->curve_length(), 1);
}

TEST(AshaStop, MaximisesLikewise) {
  History history;
  for (const double accuracy : {0.1, 0.7, 0.4}) history.trials.push_back(TrialWith({accuracy, 0.2}));
  EXPECT_EQ(RuleOf(history, {{"eta", "2"}}, Direction::kMaximize), "beyond_schedule(loss, 1:0.4, 2:0.4)");
}

TEST(AshaStop, PassesOverWhatIsNoReportAndNoCompetitor) {
  History history;
  history.trials = {TrialWith({kNaN, 3, kNaN, 2, 1}),
                    TrialWith({4, 4, INFINITY, 4}),
                    TrialWith({kNaN}),
                    TrialWith({}),
                    TrialWith({0, 0, 0}, TrialStatus::kFailed),
                    TrialWith({0, 0, 0}, TrialStatus::kKilled)};
  EXPECT_EQ(RuleOf(history), "beyond_schedule(loss, 1:3, 3:1)")
      << "reports are counted as whoever stops counts them";
}

TEST(AshaStop, TheOrderOfTheTrialsDoesNotMatter) {
  History history;
  for (int i = 0; i < 20; ++i)
    history.trials.push_back(TrialWith({std::fmod(i * 7.3, 5), 0.1 * i, 0.05 * i}));
  const std::string rule = RuleOf(history);
  std::reverse(history.trials.begin(), history.trials.end());
  EXPECT_EQ(RuleOf(history), rule);
  EXPECT_THAT(rule, HasSubstr("beyond_schedule(loss, 1:"));
}

}  // namespace
}  // namespace qalam::algorithms
