#include "algorithms/cmaes.h"

#include <gmock/gmock.h>

#include <cmath>
#include <set>

#include "tests/algorithms/support.h"

namespace qalam::algorithms {
namespace {

using testing::Create;
using testing::Must;
using testing::OneOf;
using testing::Points;
using testing::ProblemOf;
using testing::Real;
using testing::Texts;
using testing::Whole;

Trial Ended(const Point& point, double value, int second) {
  Trial trial;
  trial.name = "t" + std::to_string(second);
  trial.status = TrialStatus::kSucceeded;
  trial.point = point;
  trial.objectives = {value};
  trial.completion_time = absl::FromUnixSeconds(second);
  return trial;
}

Problem Cube(int n, Settings settings = {}) {
  std::vector<Parameter> parameters;
  for (int j = 0; j < n; ++j) parameters.push_back(Real("x" + std::to_string(j), -3, 5));
  return ProblemOf(std::move(parameters), std::move(settings));
}

double Sphere(const Point& point) {
  double sum = 0;
  for (const Value& value : point) sum += std::pow(std::get<double>(value) - 2, 2);
  return sum;
}

// Best value after `evaluations` in batches of `batch`.
template <class F>
double Minimize(const Problem& problem, int evaluations, int batch, F f) {
  const auto algorithm = Create("cmaes", problem);
  History history;
  double best = std::numeric_limits<double>::infinity();
  while (static_cast<int>(history.trials.size()) < evaluations) {
    const int number = static_cast<int>(history.trials.size());
    for (const Point& point : Points(*algorithm, history, number, batch)) {
      best = std::min(best, f(point));
      history.trials.push_back(Ended(point, f(point), static_cast<int>(history.trials.size())));
    }
  }
  return best;
}

// On the sphere in 5 dimensions CMA-ES gains some factor of 10 in f with each 80 evaluations
// (cma_distribution_test.cc), here from 10 on; more trials at once than a generation has cost some of that.
TEST(Cmaes, ConvergesOnTheSphereWithAnyBatchSize) {
  for (const int batch : {1, 3, 8, 20}) {
    EXPECT_LT(Minimize(Cube(5, {{"seed", "2"}}), 600, batch, Sphere), 1e-4) << batch;
  }
}

TEST(Cmaes, MaximizesWhenTheObjectiveSaysSo) {
  Problem problem = Cube(3, {{"seed", "2"}});
  problem.objectives[0].direction = Direction::kMaximize;
  double nearest = 100;
  Minimize(problem, 250, 1, [&](const Point& point) {
    nearest = std::min(nearest, Sphere(point));
    return -Sphere(point);
  });
  EXPECT_LT(nearest, 1e-2);
}

TEST(Cmaes, SolvesAMixedSpace) {
  const Problem problem = ProblemOf({Real("x", 1e-6, 1, {}, Distribution::kLogUniform), Whole("n", 1, 30),
                                     OneOf("c", {"a", "b", "c", "d"}), Real("y", 0, 1, 0.1)},
                                    {{"seed", "4"}});
  const double best = Minimize(problem, 300, 1, [](const Point& point) {
    const double n = static_cast<double>(std::get<std::int64_t>(point[1]));
    return std::pow(std::log10(std::get<double>(point[0])) + 4, 2) + 0.01 * (n - 22) * (n - 22) +
           (std::get<Choice>(point[2]).index == 1 ? 0 : 1) + std::pow(std::get<double>(point[3]) - 0.8, 2);
  });
  EXPECT_LT(best, 1e-3);
}

// Completion order is all that counts: names, labels and the list's order do not.
TEST(Cmaes, NeedsNoNamesAndNoLabels) {
  const auto algorithm = Create("cmaes", Cube(4, {{"seed", "2"}}));
  History history;
  for (int i = 0; i < 40; ++i) {
    const Point point = Points(*algorithm, history, i, 1).at(0);
    history.trials.push_back(Ended(point, Sphere(point), i));
  }
  const std::vector<Point> expected = Points(*algorithm, history, 40, 3);
  std::reverse(history.trials.begin(), history.trials.end());
  for (Trial& trial : history.trials) trial.name = "other" + trial.name;
  for (Trial& trial : history.trials) trial.labels.clear();
  EXPECT_EQ(Points(*algorithm, history, 40, 3), expected);
}

TEST(Cmaes, AGenerationAdvancesWithItsLastResult) {
  const Problem problem = Cube(4, {{"seed", "2"}});  // lambda is 8
  const auto algorithm = Create("cmaes", problem);
  History history;
  const std::vector<Point> first = Points(*algorithm, history, 0, 9);
  for (int i = 0; i < 7; ++i) history.trials.push_back(Ended(first[i], Sphere(first[i]), i));
  EXPECT_EQ(Points(*algorithm, history, 8, 1).at(0), first[8]);
  history.trials.push_back(Ended(first[7], std::nan(""), 7));  // a failure is a result
  EXPECT_NE(Points(*algorithm, history, 8, 1).at(0), first[8]);
}

TEST(Cmaes, LearnsFromPointsOfOtherOrigin) {
  const Problem problem = Cube(3, {{"seed", "2"}});
  const auto algorithm = Create("cmaes", problem);
  History history;
  for (const Point& point : Points(*Create("random", problem), 0, 70)) {
    history.trials.push_back(Ended(point, Sphere(point), static_cast<int>(history.trials.size())));
  }
  double sum = 0;
  for (const Point& point : Points(*algorithm, history, 70, 64)) {
    for (const Value& value : point) sum += std::get<double>(value) / (3 * 64);
  }
  EXPECT_NEAR(sum, 2, 0.7);  // the search starts at 1
}

TEST(Cmaes, ProposesEveryPointOfASmallSpaceOnceThenRepeats) {
  const Problem problem =
      ProblemOf({Whole("n", 1, 6), OneOf("c", {"a", "b", "c", "d", "e"})}, {{"seed", "5"}});
  const auto algorithm = Create("cmaes", problem);
  History history;
  std::set<std::pair<std::int64_t, std::uint32_t>> seen;
  for (int i = 0; i < 30; ++i) {
    const Point point = Points(*algorithm, history, i, 1).at(0);
    seen.emplace(std::get<std::int64_t>(point[0]), std::get<Choice>(point[1]).index);
    history.trials.push_back(Ended(point, static_cast<double>(seen.size() % 7), i));
  }
  EXPECT_EQ(seen.size(), 30u);
  EXPECT_EQ(Points(*algorithm, history, 30, 2).size(), 2u);
}

std::string Message(Settings settings) {
  const absl::Status status = Must(FindAlgorithm("cmaes"))->validate(Cube(2, std::move(settings)));
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  return std::string(status.message());
}

TEST(CmaesSettings, AreRefusedWithKatibsTexts) {
  EXPECT_EQ(Message({{"restart_strategy", "IPOP"}}),
            "restart_strategy IPOP is not supported in CMAES optimization");
  EXPECT_EQ(Message({{"sigma", "-0.1"}}), "sigma should be greate or equal than zero");
  EXPECT_THAT(Message({{"sigma", "wide"}}), ::testing::StartsWith("failed to validate sigma(wide):"));
  for (const std::string strategy : {"none", "None", "ipop", "bipop"}) {
    EXPECT_TRUE(Must(FindAlgorithm("cmaes"))->validate(Cube(2, {{"restart_strategy", strategy}})).ok());
  }
}

TEST(CmaesSettings, SigmaIsTheSpreadOfTheFirstPoints) {
  const auto largest = [](Settings settings) {
    settings.push_back({"seed", "1"});
    double distance = 0;
    for (const Point& point : Points(*Create("cmaes", Cube(2, std::move(settings))), 0, 64)) {
      distance = std::max(distance, std::fabs(std::get<double>(point[0]) - 1));
    }
    return distance;
  };
  EXPECT_LT(largest({{"sigma", "0.01"}}), 8 * 0.01 * 4);
  EXPECT_EQ(largest({{"sigma", "0"}}), largest({}));
  EXPECT_GT(largest({}), 8 * 0.01 * 4);
}

}  // namespace
}  // namespace qalam::algorithms
