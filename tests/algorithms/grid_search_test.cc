#include "algorithms/grid_search.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "tests/algorithms/support.h"

namespace qalam::algorithms {
namespace {

using testing::Create;
using ::testing::HasSubstr;
using testing::OneOf;
using testing::Points;
using testing::ProblemOf;
using testing::Real;
using testing::Texts;
using testing::Whole;

std::string Message(const absl::Status& status, absl::StatusCode code = absl::StatusCode::kInvalidArgument) {
  EXPECT_EQ(status.code(), code) << status;
  return std::string(status.message());
}

TEST(GridSearch, GivesEveryCombinationOnceWithBothEnds) {
  const Problem problem =
      ProblemOf({Real("lr", 0.001, 0.01, 0.001), Whole("n", 1, 5), OneOf("c", {"x", "y"})});
  const auto algorithm = Create("grid", problem);
  std::set<std::vector<std::string>> met;
  for (int i = 0; i < 100; i += 5) {  // restarted before every call
    const std::vector<Point> points = Points(*Create("grid", problem), i, 5);
    for (int k = 0; k < 5; ++k) {
      met.insert({Texts(problem, points, 0)[k], Texts(problem, points, 1)[k], Texts(problem, points, 2)[k]});
    }
  }
  EXPECT_EQ(met.size(), 100u);
  EXPECT_TRUE(met.count({"0.001", "1", "x"}));
  EXPECT_TRUE(met.count({"0.01", "5", "y"}));
}

TEST(GridSearch, ShufflesTheOrderByTheSeed) {
  std::set<std::vector<std::string>> orders;
  for (int seed = 0; seed < 20; ++seed) {
    const Problem problem = ProblemOf({Whole("n", 1, 50)}, {{"random_state", std::to_string(seed)}});
    const std::vector<std::string> texts = Texts(problem, Points(*Create("grid", problem), 0, 50));
    EXPECT_FALSE(std::is_sorted(texts.begin(), texts.end()));
    orders.insert(texts);
  }
  EXPECT_EQ(orders.size(), 20u);
}

TEST(GridSearch, SaysThatTheSpaceIsExhausted) {
  const auto algorithm = Create("grid", ProblemOf({Whole("n", 1, 5)}));
  EXPECT_EQ(Message(algorithm->Suggest({}, {5, 1, {}}).status(), absl::StatusCode::kOutOfRange),
            "SpaceExhausted: the grid has 5 points, 5 were handed out, 0 are left, 1 were asked");
  EXPECT_EQ(Message(algorithm->Suggest({}, {4, 2, {}}).status(), absl::StatusCode::kOutOfRange),
            "SpaceExhausted: the grid has 5 points, 4 were handed out, 1 are left, 2 were asked");
  EXPECT_EQ(Points(*algorithm, 4, 1).size(), 1u);
  EXPECT_EQ(Message(algorithm->Suggest({}, {1'000'000, 1, {}}).status(), absl::StatusCode::kOutOfRange),
            "SpaceExhausted: the grid has 5 points, 1000000 were handed out, 0 are left, 1 were asked");
  EXPECT_TRUE(algorithm->Suggest({}, {7, 0, {}}).ok());
}

TEST(GridSearch, NeedsAStepForADouble) {
  const Problem problem = ProblemOf({Real("lr", 1, 5)});
  EXPECT_THAT(Message(grid_search::Validate(problem)),
              HasSubstr("failed to validate parameters(lr): Param lr step is nil"));
  EXPECT_THAT(Message(grid_search::Create(problem).status()), HasSubstr("Param lr step is nil"));
  EXPECT_THAT(Message(grid_search::Validate(ProblemOf({Real("lr", 1, 1)}))), HasSubstr("step is nil"));
}

TEST(GridSearch, RefusesFractionalStepsOfInts) {
  EXPECT_EQ(Message(grid_search::Validate(ProblemOf({Whole("n", 1, 5, 0.5)}))),
            "failed to validate parameters(n): the step of an int must be a whole number, got 0.5");
}

TEST(GridSearch, RefusesMoreTrialsThanCombinations) {
  Problem problem = ProblemOf({Whole("a", 1, 5), Real("b", 1, 5, 1)});
  problem.max_trial_count = 26;
  EXPECT_EQ(Message(grid_search::Validate(problem)),
            "max_trial_count 26 is greater than the number of combinations 25");
  EXPECT_TRUE(grid_search::Create(problem).ok());  // a run goes on to the last point
  problem.max_trial_count = 25;
  EXPECT_TRUE(grid_search::Validate(problem).ok());
  problem.max_trial_count = 0;
  EXPECT_TRUE(grid_search::Validate(problem).ok());
}

TEST(GridSearch, IgnoresDistributions) {
  const Problem problem = ProblemOf({Whole("n", 1, 40, {}, Distribution::kNormal)});
  const std::vector<std::string> texts = Texts(problem, Points(*Create("grid", problem), 0, 40));
  EXPECT_EQ(std::set<std::string>(texts.begin(), texts.end()).size(), 40u);
}

TEST(GridSearch, HandlesGridsOf10To30Points) {
  std::vector<Parameter> parameters;
  for (int i = 0; i < 30; ++i) parameters.push_back(Real("p" + std::to_string(i), 0, 0.9, 0.1));
  Problem problem = ProblemOf(std::move(parameters));
  problem.max_trial_count = 2'000'000'000;
  EXPECT_TRUE(grid_search::Validate(problem).ok());
  const std::vector<Point> points = Points(*Create("grid", problem), 1'000'000'000'000'000, 300);
  std::set<std::vector<double>> met;
  for (const Point& point : points) {
    std::vector<double> values;
    for (const Value& value : point) values.push_back(std::get<double>(value));
    met.insert(values);
  }
  EXPECT_EQ(met.size(), 300u);
}

}  // namespace
}  // namespace qalam::algorithms
