#include "algorithms/median_stop.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <limits>

#include "tests/algorithms/support.h"

namespace qalam::algorithms {
namespace {

using testing::Must;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

std::string Refusal(const Settings& settings) {
  const absl::Status status = median_stop::Validate(settings);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  return std::string(status.message());
}

Problem ProblemWith(Settings settings, Direction direction = Direction::kMaximize) {
  Problem problem;
  problem.objectives = {{"accuracy", direction}};
  problem.settings = std::move(settings);
  return problem;
}

Trial Succeeded(const std::vector<double>& values) {
  Trial trial;
  trial.status = TrialStatus::kSucceeded;
  for (const double value : values)
    trial.curve.push_back({static_cast<double>(trial.curve.size() + 1), value});
  return trial;
}

std::vector<StoppingRule> Rules(const std::vector<Trial>& trials, Settings settings = {},
                                Direction direction = Direction::kMaximize) {
  return Must(Must(median_stop::Create(ProblemWith(std::move(settings), direction)))->Rules({trials}));
}

// The one number of the rule; NaN when there is none.
double Threshold(const std::vector<Trial>& trials, Settings settings = {}) {
  const std::vector<StoppingRule> rules = Rules(trials, std::move(settings));
  return rules.empty() ? kNaN : rules.at(0).value;
}

TEST(MedianStop, RefusesWithTheTextsThatClientsCompare) {
  EXPECT_EQ(Refusal({{"unknown_conf", "1"}}), "unknown setting unknown_conf for algorithm medianstop");
  EXPECT_EQ(Refusal({{"min_trials_required", "0"}}), "min_trials_required must be greater than zero (>0)");
  EXPECT_EQ(Refusal({{"start_step", "0"}}), "start_step must be greater or equal than one (>=1)");
  EXPECT_THAT(Refusal({{"start_step", "4.5"}}), ::testing::StartsWith("failed to validate start_step(4.5):"));
  EXPECT_EQ(Refusal({{"start_step", "2147483648"}}), "start_step must be at most 2147483647, got 2147483648");
  EXPECT_EQ(Refusal({{"statistic", "mode"}}), "statistic must be median, mean or best, got 'mode'");
  EXPECT_TRUE(median_stop::Validate({{"min_trials_required", "2"}, {"start_step", "5"}}).ok());
  EXPECT_FALSE(median_stop::Create(ProblemWith({{"start_step", "0"}})).ok());
}

TEST(MedianStop, IsRegistered) {
  const EarlyStopperInfo* info = Must(FindEarlyStopper("medianstop"));
  EXPECT_EQ(Must(info->create(ProblemWith({{"start_step", "7"}})))->curve_length(), 7);
  EXPECT_EQ(FindEarlyStopper("unknown").status().message(), "unknown algorithm name unknown");
}

TEST(MedianStop, TakesTheMedianOfTheMeansOfTheFirstReports) {
  // Means of the first 4: 0.25, 0.4, 0.9. Their mean would be 0.5166...
  const std::vector<StoppingRule> rules =
      Rules({Succeeded({0.1, 0.2, 0.3, 0.4, 99}), Succeeded({0.9, 0.9, 0.9, 0.9}),
             Succeeded({0.4, 0.4, 0.4, 0.4})});
  ASSERT_EQ(rules.size(), 1u);
  EXPECT_EQ(rules[0].metric, "accuracy");
  EXPECT_DOUBLE_EQ(rules[0].value, 0.4);
  EXPECT_EQ(rules[0].comparison, Comparison::kLess);
  EXPECT_EQ(rules[0].start_step, 4);
}

TEST(MedianStop, TakesTheMiddleOfTwo) {
  const Settings two = {{"min_trials_required", "2"}};
  EXPECT_EQ(Threshold({Succeeded({1}), Succeeded({4})}, two), 2.5);
  EXPECT_EQ(Threshold({Succeeded({1}), Succeeded({4}), Succeeded({100}), Succeeded({-50})}, two), 2.5);
}

TEST(MedianStop, TakesTheMeanWhenAsked) {
  // Katib's service answers 0.5833333333333334 to these.
  EXPECT_EQ(Threshold({Succeeded({0.5}), Succeeded({0.5}), Succeeded({0.75})}, {{"statistic", "mean"}}),
            0.5833333333333334);
}

TEST(MedianStop, TakesTheMedianOfTheBestWhenAsked) {
  const std::vector<Trial> trials = {Succeeded({0.1, 0.2, 0.3, 0.4, 99}), Succeeded({0.9, 0.2, 0.2, 0.2}),
                                     Succeeded({0.5, 0.6, 0.5, 0.5}), Succeeded({kNaN, 0.7})};
  EXPECT_EQ(Threshold(trials, {{"statistic", "best"}}), 0.6);
  EXPECT_EQ(Rules(trials, {{"statistic", "best"}}, Direction::kMinimize).at(0).value, 0.2);
}

TEST(MedianStop, StopsWhatIsGreaterUnlessMaximised) {
  EXPECT_EQ(
      Rules({Succeeded({1}), Succeeded({2}), Succeeded({3})}, {}, Direction::kMinimize).at(0).comparison,
      Comparison::kGreater);
}

TEST(MedianStop, AveragesShortCurvesOverWhatTheyHave) {
  EXPECT_EQ(Threshold({Succeeded({2, 4})}, {{"min_trials_required", "1"}, {"start_step", "10"}}), 3);
}

TEST(MedianStop, WaitsForEnoughUsableTrials) {
  const double infinity = std::numeric_limits<double>::infinity();
  std::vector<Trial> trials = {Succeeded({1}), Succeeded({2}), Succeeded({}), Succeeded({kNaN, 1}),
                               Succeeded({infinity})};
  for (const TrialStatus status :
       {TrialStatus::kPending, TrialStatus::kEarlyStopped, TrialStatus::kFailed, TrialStatus::kKilled,
        TrialStatus::kMetricsUnavailable, TrialStatus::kUnknown}) {
    trials.push_back(Succeeded({50}));
    trials.back().status = status;
  }
  EXPECT_TRUE(Rules(trials).empty());
  trials.push_back(Succeeded({3, 3, 3, 3, kNaN}));  // what is no number comes after the reports that count
  EXPECT_EQ(Threshold(trials), 2);
}

TEST(MedianStop, DoesNotDependOnTheOrderOfTrials) {
  std::vector<Trial> trials;
  for (const double value : {1e16, 1.0, -1e16, 0.1, 0.2, 0.3}) trials.push_back(Succeeded({value}));
  const double first = Threshold(trials, {{"statistic", "mean"}});
  std::reverse(trials.begin(), trials.end());
  EXPECT_EQ(Threshold(trials, {{"statistic", "mean"}}), first);
}

TEST(MedianStop, HasNoRuleWhereSumsOverflow) {
  EXPECT_TRUE(
      Rules({Succeeded({1e308}), Succeeded({1e308}), Succeeded({1e308})}, {{"statistic", "mean"}}).empty());
  EXPECT_EQ(Threshold({Succeeded({1e308}), Succeeded({1e308}), Succeeded({1e308})}), 1e308);
}

}  // namespace
}  // namespace qalam::algorithms
