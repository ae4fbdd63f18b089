#include "algorithms/curve_stop.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "algorithms/random_engine.h"
#include "base/number_text.h"
#include "tests/algorithms/curve_support.h"
#include "tests/algorithms/support.h"

namespace qalam::algorithms {
namespace {

using testing::CurveProblem;
using ::testing::IsEmpty;
using testing::Must;
using testing::TrialWith;

std::string RuleOf(const History& history, Settings settings = {},
                   Direction direction = Direction::kMinimize) {
  const std::vector<StoppingRule> rules =
      Must(Must(curve_stop::Create(CurveProblem(std::move(settings), direction)))->Rules(history));
  return rules.empty() ? "" : rules[0].metric;
}

std::map<int, double> Bounds(const std::string& rule) {
  std::map<int, double> bounds;
  for (size_t at = rule.find(','); at != std::string::npos; at = rule.find(',', at + 1)) {
    const size_t colon = rule.find(':', at);
    bounds[static_cast<int>(*ParseInt(rule.substr(at + 1, colon - at - 1)))] =
        *ParseDouble(rule.substr(colon + 1, rule.find_first_of(",)", colon) - colon - 1));
  }
  return bounds;
}

TEST(CurveStop, RefusesWhatIsNoConfidence) {
  const auto refusal = [](const Settings& settings) {
    const absl::Status status = curve_stop::Validate(settings);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
    return std::string(status.message());
  };
  EXPECT_EQ(refusal({{"confidence", "1"}}), "confidence must be at least 0.5 and below 1, got 1");
  EXPECT_EQ(refusal({{"confidence", "0.4"}}), "confidence must be at least 0.5 and below 1, got 0.4");
  EXPECT_EQ(refusal({{"confidence", "95%"}}), "failed to validate confidence(95%): not a number");
  EXPECT_EQ(refusal({{"min_trials_required", "3"}}),
            "min_trials_required must be from 4 to 2147483647, got 3");
  EXPECT_EQ(refusal({{"start_step", "0"}}), "start_step must be greater or equal than one (>=1)");
  EXPECT_EQ(refusal({{"eta", "3"}}), "unknown setting eta for algorithm curve");
  EXPECT_EQ(curve_stop::Create({}).status().message(), "curve needs an objective, got none");
}

// Values and finals (1, 0.2), (2, 1.6), (3, 2.4), (4, 2.8): slope 0.86, mean 2.5 and 1.75, residual variance 0.252 / 2,
// squares 5. With t = 1.8856 (2 degrees of freedom, 0.9) Fieller's bound for the target 0.2 solves
//   1.75 + 0.86 v - 0.2 = 1.8856 sqrt(0.126 (1 + 1/4 + v^2 / 5)).
TEST(CurveStop, BoundsAreThoseOfALinearRegression) {
  History history;
  for (const auto& [value, final] : {std::pair{1, 0.2}, {2, 1.6}, {3, 2.4}, {4, 2.8}})
    history.trials.push_back(TrialWith({static_cast<double>(value), final}));
  const auto bounds = Bounds(RuleOf(history, {{"confidence", "0.9"}, {"min_trials_required", "4"}}));
  ASSERT_EQ(bounds.size(), 1u) << "nothing is said of the last report";
  const double v = bounds.at(1) - 2.5;
  EXPECT_LT(v, 0);
  EXPECT_NEAR(1.55 + 0.86 * v, 1.885618 * std::sqrt(0.126 * (1.25 + v * v / 5)), 1e-6);
}

TEST(CurveStop, SaysNothingOfTooLittle) {
  History history;
  for (int i = 1; i <= 4; ++i) history.trials.push_back(TrialWith({2.0 * i, 1.5 * i, 1.0 * i}));
  EXPECT_EQ(RuleOf(history), "") << "five are required";
  EXPECT_NE(RuleOf(history, {{"min_trials_required", "4"}}), "");
  history.trials.push_back(TrialWith({10}));
  EXPECT_EQ(RuleOf(history), "") << "the fifth has no second report";
  history.trials.back() = TrialWith({10, 7.5, 5});
  EXPECT_EQ(Bounds(RuleOf(history)).size(), 2u);
  EXPECT_EQ(Bounds(RuleOf(history, {{"start_step", "2"}})).begin()->first, 2);

  History alike;
  for (int i = 1; i <= 9; ++i) alike.trials.push_back(TrialWith({5, 1.0 * i}));
  EXPECT_EQ(RuleOf(alike), "") << "where all values are equal none is hopeless";
  History noise;
  for (int i = 0; i < 9; ++i) noise.trials.push_back(TrialWith({1.0 + i, (i * 5) % 9 * 0.1}));
  EXPECT_EQ(RuleOf(noise), "") << "a slope that may be noise is none";
}

TEST(CurveStop, TheBestOfAllIsToBeBeaten) {
  History history;
  for (int i = 1; i <= 6; ++i) history.trials.push_back(TrialWith({2.0 * i, 1.0 * i + (i % 2) * 0.1}));
  const double alone = Bounds(RuleOf(history)).at(1);
  history.trials.push_back(TrialWith({9, 0.5}, TrialStatus::kPending));
  const double running = Bounds(RuleOf(history)).at(1);
  EXPECT_LT(running, alone);
  history.trials.push_back(TrialWith({0.4}, TrialStatus::kEarlyStopped));
  EXPECT_LT(Bounds(RuleOf(history)).at(1), running);
  EXPECT_GE(Bounds(RuleOf(history)).at(1), 0.4) << "the best itself is never hopeless";
  const std::string rule = RuleOf(history);
  history.trials.push_back(TrialWith({0.1, 0.1}, TrialStatus::kFailed));
  EXPECT_EQ(RuleOf(history), rule);
}

TEST(CurveStop, MaximisingIsMinimising) {
  History down, up;
  for (int i = 1; i <= 8; ++i) {
    down.trials.push_back(TrialWith({2.0 * i, 1.5 * i + i % 2, 1.0 * i}));
    up.trials.push_back(TrialWith({-2.0 * i, -1.5 * i - i % 2, -1.0 * i}));
  }
  const auto bounds = Bounds(RuleOf(down)), mirrored = Bounds(RuleOf(up, {}, Direction::kMaximize));
  ASSERT_EQ(bounds.size(), mirrored.size());
  ASSERT_THAT(bounds, ::testing::Not(IsEmpty()));
  for (const auto& [step, bound] : bounds) EXPECT_EQ(mirrored.at(step), -bound);
}

TEST(CurveStop, BoundsFallAndStayInSizeOverLongCurves) {
  History history;
  for (int i = 1; i <= 10; ++i) {
    std::vector<double> values;
    for (int r = 1; r <= 5000; ++r) values.push_back(i + (10.0 + i % 3) / r);
    history.trials.push_back(TrialWith(values));
  }
  const auto bounds = Bounds(RuleOf(history));
  EXPECT_LT(bounds.size(), 120u);
  double before = INFINITY;
  for (const auto& [step, bound] : bounds) {
    EXPECT_LT(bound, before) << step;
    before = bound;
  }
  std::reverse(history.trials.begin(), history.trials.end());
  EXPECT_EQ(Bounds(RuleOf(history)), bounds);
}

// Where final values are normal around a line, a trial at the bound itself gets below the target with a chance of
// 1 - confidence.
TEST(CurveStop, TheConfidenceHolds) {
  constexpr int kRuns = 4000;
  constexpr double kTarget = -7;  // none of the others is below
  int bounded = 0, winners = 0;
  for (int run = 0; run < kRuns; ++run) {
    Rng rng({7, static_cast<std::uint64_t>(run)});
    const auto final = [&](double value) { return 0.8 * value - 5 + 0.3 * rng.Normal(); };
    History history;
    for (int i = 0; i < 8; ++i) {
      const double value = 10 * rng.Uniform();
      history.trials.push_back(TrialWith({value, final(value)}));
    }
    history.trials.push_back(TrialWith({kTarget}, TrialStatus::kEarlyStopped));
    const auto bounds = Bounds(RuleOf(history, {{"confidence", "0.8"}}));
    if (!bounds.contains(1)) continue;
    ++bounded;
    winners += final(bounds.at(1)) < kTarget ? 1 : 0;
  }
  EXPECT_GT(bounded, 0.99 * kRuns);
  EXPECT_NEAR(winners, 0.2 * bounded, 4 * std::sqrt(0.2 * 0.8 * bounded));
}

}  // namespace
}  // namespace qalam::algorithms
