#include "algorithms/metric_constraints.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "algorithms/observations.h"
#include "tests/algorithms/support.h"

namespace qalam::algorithms {
namespace {

TEST(Violation, IsTheSumOfSharesOfTheBounds) {
  const std::vector<MetricConstraint> constraints = {
      {"latency", true, 20}, {"recall", false, 0.8}, {"gap", true, 0}};
  const auto violation = [&](std::vector<double> values) { return Violation(constraints, values); };
  EXPECT_EQ(violation({20, 0.8, 0}), 0);
  EXPECT_EQ(violation({25, 0.9, -3}), 0.25);
  EXPECT_DOUBLE_EQ(violation({25, 0.6, 2}), 0.25 + 0.25 + 2);
  EXPECT_EQ(violation({25, std::nan(""), 2}), std::numeric_limits<double>::infinity());
  EXPECT_EQ(violation({25}), std::numeric_limits<double>::infinity());
  EXPECT_EQ(Violation({}, {}), 0);
}

TEST(Violation, CountsMoreThanTheObjective) {
  const auto observation = [](double value, double violation) {
    Observation o;
    o.value = value;
    o.violation = violation;
    return o;
  };
  EXPECT_TRUE(IsBetter(observation(9, 0), observation(1, 0.1)));
  EXPECT_TRUE(IsBetter(observation(9, 0.1), observation(1, 0.2)));
  EXPECT_TRUE(IsBetter(observation(1, 0.1), observation(9, 0.1)));
  EXPECT_FALSE(IsBetter(observation(1, 0), observation(1, 0)));
}

TEST(Observe, MeasuresViolationsAndCanonicalPoints) {
  Problem problem = testing::ProblemOf({testing::OneOf("root", {"a", "b"}), testing::Whole("n", 1, 9)});
  problem.space = testing::Must(problem.space.WithConditions({{1, 0, Condition::Test::kIn, {Choice{1}}, 0}}));
  problem.metric_constraints = {{"latency", true, 10}};
  History history;
  for (const double latency : {5.0, 15.0}) {
    Trial trial;
    trial.name = std::to_string(latency);
    trial.status = TrialStatus::kSucceeded;
    trial.point = Point{Choice{0}, std::int64_t{8}};
    trial.objectives = {1};
    trial.constraint_values = {latency};
    history.trials.push_back(trial);
  }
  history.trials.push_back(history.trials.front());
  history.trials.back().name = "x";
  history.trials.back().constraint_values.clear();
  const Observations seen = Observe(problem, history);
  ASSERT_EQ(seen.finished.size(), 3u);
  EXPECT_EQ(seen.finished[0].point, (Point{Choice{0}, std::int64_t{5}}));
  EXPECT_EQ(seen.finished[0].violation + seen.finished[1].violation, 0.5);
  EXPECT_TRUE(std::isnan(seen.finished[2].constraint_values.at(0)));
}

}  // namespace
}  // namespace qalam::algorithms
