#include "algorithms/bayesian_optimization.h"

#include <gmock/gmock.h>

#include <cmath>
#include <functional>
#include <set>

#include "tests/algorithms/support.h"

namespace qalam::algorithms {
namespace {

using testing::OneOf;
using testing::ProblemOf;
using testing::Real;
using testing::Whole;

using Loss = std::function<double(const Point&)>;

double Coordinate(const Point& point, size_t i = 0) { return std::get<double>(point[i]); }

Trial Ended(int number, const Point& point, TrialStatus status, double value) {
  Trial trial;
  trial.name = "t" + std::to_string(number);
  trial.status = status;
  trial.point = point;
  if (status == TrialStatus::kSucceeded || status == TrialStatus::kEarlyStopped) trial.objectives = {value};
  trial.start_time = absl::FromUnixSeconds(number);
  if (status != TrialStatus::kPending) trial.completion_time = absl::FromUnixSeconds(number + 1);
  return trial;
}

std::vector<Point> Suggest(const Problem& problem, const History& history, int count) {
  const auto algorithm = testing::Create("bayesianoptimization", problem);
  const auto asked = static_cast<std::int64_t>(history.trials.size());
  std::vector<Point> points;
  for (Proposal& proposal : testing::Must(algorithm->Suggest(history, {asked, count, {}})).proposals) {
    points.push_back(std::move(proposal.point));
  }
  return points;
}

// A run of one trial at a time.
History Optimize(const Problem& problem, const Loss& objective, int trials) {
  History history;
  for (int i = 0; i < trials; ++i) {
    const Point point = Suggest(problem, history, 1).at(0);
    history.trials.push_back(Ended(i, point, TrialStatus::kSucceeded, objective(point)));
  }
  return history;
}

double Best(const History& history) {
  double best = std::numeric_limits<double>::infinity();
  for (const Trial& trial : history.trials) {
    if (!trial.objectives.empty()) best = std::min(best, trial.objectives[0]);
  }
  return best;
}

Problem Square(Settings settings = {}) {
  settings.push_back({"random_state", "3"});
  return ProblemOf({Real("x", 0, 1), Real("y", 0, 1)}, std::move(settings));
}

double Bowl(const Point& p) {
  return std::pow(Coordinate(p, 0) - 0.37, 2) + 2 * std::pow(Coordinate(p, 1) - 0.81, 2);
}

// After 20 random points the best is 0.03 or so.
TEST(BayesianOptimization, FindsTheBottomOfABowl) { EXPECT_LT(Best(Optimize(Square(), Bowl, 20)), 1e-4); }

TEST(BayesianOptimization, FindsItWithEverySetting) {
  for (const Setting& setting : Settings{{"acq_func", "LCB"},
                                         {"acq_func", "EI"},
                                         {"acq_func", "PI"},
                                         {"acq_func", "EIps"},
                                         {"acq_func", "PIps"},
                                         {"acq_optimizer", "sampling"},
                                         {"acq_optimizer", "lbfgs"},
                                         {"n_initial_points", "0"},
                                         {"n_initial_points", "10"}}) {
    EXPECT_LT(Best(Optimize(Square({setting}), Bowl, 25)), 3e-3) << setting.name << " " << setting.value;
  }
}

Problem Mixed(Settings settings) {
  settings.push_back({"seed", "1"});
  return ProblemOf({Real("lr", 1e-5, 1, {}, Distribution::kLogUniform), Whole("layers", 1, 8),
                    OneOf("optimizer", {"sgd", "adam", "rmsprop"}),
                    testing::Must(Parameter::Discrete("batch", {"16", "64", "32"}))},
                   std::move(settings));
}

// 0 at 0.001, 5 layers, adam, 64.
double MixedLoss(const Point& p) {
  const double miss = std::log10(Coordinate(p)) + 3;
  const double depth = static_cast<double>(std::get<std::int64_t>(p[1])) - 5;
  return miss * miss + 0.1 * depth * depth + (std::get<Choice>(p[2]).index == 1 ? 0 : 0.5) +
         (std::get<Choice>(p[3]).index == 1 ? 0 : 0.3);
}

TEST(BayesianOptimization, SolvesAMixedSpace) { EXPECT_LT(Best(Optimize(Mixed({}), MixedLoss, 40)), 0.01); }

// Trees have no gradient to the last digit.
TEST(BayesianOptimization, SolvesAMixedSpaceWithTreesNearly) {
  for (const std::string estimator : {"RF", "ET", "GBRT"}) {
    EXPECT_LT(Best(Optimize(Mixed({{"base_estimator", estimator}}), MixedLoss, 40)), 0.25) << estimator;
  }
}

TEST(BayesianOptimization, SolvesAMaximisation) {
  Problem problem = Square();
  problem.objectives[0].direction = Direction::kMaximize;
  const History history = Optimize(
      problem, [](const Point& p) { return -Bowl(p); }, 20);
  double best = -1;
  for (const Trial& trial : history.trials) best = std::max(best, trial.objectives[0]);
  EXPECT_GT(best, -1e-4);
}

TEST(BayesianOptimization, SpreadsABatch) {
  const History history = Optimize(Square(), Bowl, 12);
  for (const int count : {8, 64}) {
    const std::vector<Point> points = Suggest(Square(), history, count);
    for (size_t i = 0; i < points.size(); ++i) {
      for (size_t j = 0; j < i; ++j) {
        EXPECT_GT(std::hypot(Coordinate(points[i], 0) - Coordinate(points[j], 0),
                             Coordinate(points[i], 1) - Coordinate(points[j], 1)),
                  1e-6);
      }
    }
  }
}

TEST(BayesianOptimization, KeepsAwayFromRunningTrials) {
  History history = Optimize(Square(), Bowl, 12);
  const Point alone = Suggest(Square(), history, 1).at(0);
  history.trials.push_back(Ended(12, alone, TrialStatus::kPending, 0));
  const auto algorithm = testing::Create("bayesianoptimization", Square());
  const Point beside = testing::Must(algorithm->Suggest(history, {12, 1, {}})).proposals.at(0).point;
  EXPECT_GT(
      std::hypot(Coordinate(beside, 0) - Coordinate(alone, 0), Coordinate(beside, 1) - Coordinate(alone, 1)),
      1e-4);
}

// The loss falls towards (0.8, 0.8), but everything right of x = 0.6 fails; at (0.2, 0.3) there is a lesser minimum.
TEST(BayesianOptimization, KeepsAwayFromWhereTrialsFail) {
  const auto pit = [](const Point& p, double x, double y) {
    return std::exp(-8 * (std::pow(Coordinate(p, 0) - x, 2) + std::pow(Coordinate(p, 1) - y, 2)));
  };
  History history;
  int failures = 0;
  for (int i = 0; i < 40; ++i) {
    const Point point = Suggest(Square(), history, 1).at(0);
    const bool fails = Coordinate(point) > 0.6;
    history.trials.push_back(Ended(i, point, fails ? TrialStatus::kFailed : TrialStatus::kSucceeded,
                                   -pit(point, 0.8, 0.8) - 0.9 * pit(point, 0.2, 0.3)));
    if (i >= 10 && fails) ++failures;
  }
  EXPECT_LE(failures, 18) << "of 30";
  EXPECT_LT(Best(history), -0.89);
}

TEST(BayesianOptimization, DoesNotBelieveAStoppedTrialToBeTheBest) {
  History history = Optimize(Square(), Bowl, 12);
  Trial stopped = Ended(12, {0.9, 0.1}, TrialStatus::kEarlyStopped, -100);
  history.trials.push_back(stopped);
  const Point next = Suggest(Square(), history, 1).at(0);
  EXPECT_LT(Bowl(next), 0.1) << Coordinate(next, 0) << " " << Coordinate(next, 1);
}

TEST(BayesianOptimization, TriesEveryPointOfASmallSpaceOnce) {
  const Problem problem = ProblemOf({Whole("n", 1, 6), OneOf("c", {"a", "b", "c"})}, {{"seed", "4"}});
  const auto loss = [](const Point& p) { return static_cast<double>(std::get<std::int64_t>(p[0])); };
  std::set<std::string> seen;
  for (const Trial& trial : Optimize(problem, loss, 18).trials) {
    seen.insert(problem.space.parameters()[0].Text((*trial.point)[0]) +
                problem.space.parameters()[1].Text((*trial.point)[1]));
  }
  EXPECT_EQ(seen.size(), 18u);
}

TEST(BayesianOptimization, BeginsWithDesignPointsUntilEnoughResultsAreIn) {
  const Problem problem = Square({{"n_initial_points", "5"}});
  const Point fourth = Suggest(problem, {}, 5).at(3), fifth = Suggest(problem, {}, 5).at(4);
  History history = Optimize(problem, Bowl, 3);
  EXPECT_EQ(Suggest(problem, history, 1).at(0), fourth);
  history.trials.push_back(Ended(3, fourth, TrialStatus::kPending, 0));
  EXPECT_EQ(Suggest(problem, history, 1).at(0), fifth);
  history = Optimize(problem, Bowl, 5);
  EXPECT_NE(Suggest(problem, history, 1).at(0), Suggest(problem, {}, 6).at(5));
}

TEST(BayesianOptimization, RefusesSettingsWithKatibsTexts) {
  const auto message = [](const std::string& name, const std::string& value) {
    const absl::Status status =
        bayesian_optimization::Validate(ProblemOf({Whole("n", 1, 5)}, {{name, value}}));
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    return std::string(status.message());
  };
  for (const std::string name : {"base_estimator", "acq_func", "acq_optimizer"}) {
    EXPECT_EQ(message(name, "unknown"), name + " unknown is not supported in Bayesian optimization");
  }
  EXPECT_EQ(message("base_estimator", "gp"), "base_estimator gp is not supported in Bayesian optimization");
  EXPECT_EQ(message("n_initial_points", "-1"), "n_initial_points should be great or equal than zero");
  EXPECT_THAT(message("n_initial_points", "1.0"),
              ::testing::StartsWith("failed to validate n_initial_points(1.0):"));
  EXPECT_EQ(message("unknown_conf", "1"), "unknown setting unknown_conf for algorithm bayesianoptimization");
}

}  // namespace
}  // namespace qalam::algorithms
