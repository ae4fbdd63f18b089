#include "algorithms/observations.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <limits>

#include "support.h"

namespace qalam::algorithms {
namespace {

using testing::ProblemOf;
using testing::Real;

Trial Ended(std::string name, double x, TrialStatus status, std::vector<double> objectives, int second) {
  Trial trial;
  trial.name = std::move(name);
  trial.status = status;
  trial.point = Point{x};
  trial.objectives = std::move(objectives);
  if (second > 0) trial.completion_time = absl::FromUnixSeconds(second);
  return trial;
}

std::vector<double> Values(const Observations& seen) {
  std::vector<double> values;
  for (const Observation& observation : seen.finished) values.push_back(observation.value);
  return values;
}

std::vector<double> Coordinates(const std::vector<Point>& points) {
  std::vector<double> coordinates;
  for (const Point& point : points) coordinates.push_back(std::get<double>(point[0]));
  return coordinates;
}

TEST(Observations, TellApartWhatTrialsTeach) {
  const Problem problem = ProblemOf({Real("x", 0, 1)});
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  History history;
  history.trials = {Ended("a", 0.1, TrialStatus::kSucceeded, {1}, 1),
                    Ended("b", 0.2, TrialStatus::kEarlyStopped, {2}, 2),
                    Ended("c", 0.3, TrialStatus::kPending, {}, 0),
                    Ended("d", 0.4, TrialStatus::kFailed, {}, 3),
                    Ended("e", 0.5, TrialStatus::kSucceeded, {kNan}, 4),
                    Ended("f", 0.6, TrialStatus::kMetricsUnavailable, {}, 5),
                    Ended("g", 0.7, TrialStatus::kKilled, {}, 6),
                    Ended("h", 0.8, TrialStatus::kUnknown, {}, 7),
                    Ended("j", 0.9, TrialStatus::kInfeasible, {}, 9)};
  history.trials.push_back(Ended("i", 0, TrialStatus::kSucceeded, {3}, 8));
  history.trials.back().point.reset();

  const Observations seen = Observe(problem, history);
  EXPECT_THAT(Values(seen), ::testing::ElementsAre(1, 2));
  EXPECT_FALSE(seen.finished[0].early_stopped);
  EXPECT_TRUE(seen.finished[1].early_stopped);
  EXPECT_THAT(Coordinates(seen.pending), ::testing::ElementsAre(0.3));
  EXPECT_THAT(Coordinates(seen.failed), ::testing::ElementsAre(0.4, 0.5, 0.6, 0.9));
}

TEST(Observations, TellWhenFailuresHappened) {
  const Problem problem = ProblemOf({Real("x", 0, 1)});
  History history;
  history.trials = {
      Ended("a", 0.1, TrialStatus::kFailed, {}, 1), Ended("b", 0.2, TrialStatus::kSucceeded, {1}, 2),
      Ended("c", 0.3, TrialStatus::kSucceeded, {1}, 3), Ended("d", 0.4, TrialStatus::kFailed, {}, 4),
      Ended("e", 0.5, TrialStatus::kFailed, {}, 5)};
  EXPECT_THAT(Observe(problem, history).failed_after, ::testing::ElementsAre(0, 2, 2));
}

TEST(Observations, TurnMaximisationIntoMinimisation) {
  Problem problem = ProblemOf({Real("x", 0, 1)});
  problem.objectives[0].direction = Direction::kMaximize;
  History history;
  history.trials = {Ended("a", 0.1, TrialStatus::kSucceeded, {0.9}, 1)};
  EXPECT_THAT(Values(Observe(problem, history)), ::testing::ElementsAre(-0.9));
}

TEST(Observations, OfOneSecondComeInTheOrderOfCreation) {
  const Problem problem = ProblemOf({Real("x", 0, 1)});
  History history;
  history.trials = {Ended("a", 0.1, TrialStatus::kSucceeded, {1}, 5),
                    Ended("b", 0.2, TrialStatus::kSucceeded, {2}, 5),
                    Ended("c", 0.3, TrialStatus::kSucceeded, {3}, 4)};
  for (int i = 0; i < 3; ++i) history.trials[i].number = 10 - i;
  EXPECT_THAT(Values(Observe(problem, history)), ::testing::ElementsAre(3, 2, 1));
}

TEST(Observations, DoNotDependOnTheOrderOfTheHistory) {
  const Problem problem = ProblemOf({Real("x", 0, 1)});
  History history;
  history.trials = {
      Ended("b", 0.1, TrialStatus::kSucceeded, {1}, 5), Ended("a", 0.2, TrialStatus::kSucceeded, {2}, 5),
      Ended("z", 0.3, TrialStatus::kSucceeded, {3}, 1), Ended("", 0.4, TrialStatus::kSucceeded, {4}, 0),
      Ended("", 0.5, TrialStatus::kSucceeded, {5}, 0),  Ended("", 0.5, TrialStatus::kSucceeded, {6}, 0)};
  do {
    ASSERT_THAT(Values(Observe(problem, history)), ::testing::ElementsAre(3, 2, 1, 4, 5, 6));
  } while (std::next_permutation(history.trials.begin(), history.trials.end(),
                                 [](const Trial& a, const Trial& b) { return a.objectives < b.objectives; }));
}

}  // namespace
}  // namespace qalam::algorithms
