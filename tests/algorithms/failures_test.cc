// What failed trials teach each registered algorithm: those that say something of their points, and those that do not.

#include <gtest/gtest.h>

#include <algorithm>

#include "support.h"

namespace qalam::algorithms {
namespace {

using testing::Create;
using testing::Points;
using testing::ProblemOf;
using testing::Real;

bool LearnsFromHistory(const AlgorithmInfo& info) {
  if (info.can.architectures) return false;  // architecture_contract_test.cc has those
  const Problem problem = ProblemOf({Real("x", 0, 1, 0.125), Real("y", 0, 1, 0.125)});
  const auto algorithm = info.create(problem);
  return algorithm.ok() && (*algorithm)->uses_history();  // not those that need settings of their own
}

std::vector<const AlgorithmInfo*> LearningAlgorithms() {
  std::vector<const AlgorithmInfo*> learning;
  for (const AlgorithmInfo& info : Algorithms()) {
    if (LearnsFromHistory(info)) learning.push_back(&info);
  }
  return learning;
}

// The larger x the better, but beyond 0.6 the program refuses.
class Failures : public ::testing::TestWithParam<const AlgorithmInfo*> {
 protected:
  static constexpr double kLimit = 0.6;

  static bool Feasible(const Point& point) { return std::get<double>(point[0]) <= kLimit; }

  static double Value(const Point& point) {
    const double y = std::get<double>(point[1]) - 0.5;
    return y * y - std::get<double>(point[0]);
  }

  static Problem MakeProblem(int seed) {
    return ProblemOf({Real("x", 0, 1), Real("y", 0, 1)}, {{"random_state", std::to_string(seed)}});
  }

  // How far the last 30 of 60 proposals reach into the infeasible region on average, where infeasible trials end with
  // `status`.
  static double Depth(int seed, TrialStatus status) {
    const Problem problem = MakeProblem(seed);
    const auto algorithm = Create(GetParam()->name, problem);
    constexpr int kTrials = 60, kLast = 30;
    History history;
    double depth = 0;
    for (int i = 0; i < kTrials; ++i) {
      Trial trial;
      trial.point = Points(*algorithm, history, i, 1).at(0);
      trial.name = std::to_string(i);
      trial.number = i;
      trial.status = Feasible(*trial.point) ? TrialStatus::kSucceeded : status;
      if (Feasible(*trial.point)) trial.objectives = {Value(*trial.point)};
      trial.completion_time = absl::FromUnixSeconds(i);
      if (i >= kTrials - kLast) depth += std::max(0.0, std::get<double>((*trial.point)[0]) - kLimit) / kLast;
      history.trials.push_back(std::move(trial));
    }
    return depth;
  }
};

// All that is good lies at the border, so proposals a little beyond it are no fault; those far beyond it are.
TEST_P(Failures, AnInfeasibleRegionIsAvoided) {
  double told = 0, untold = 0;
  for (int seed = 1; seed <= 3; ++seed) {
    told += Depth(seed, TrialStatus::kInfeasible) / 3;
    untold += Depth(seed, TrialStatus::kKilled) / 3;
  }
  EXPECT_LT(told, 0.7 * untold);
}

TEST_P(Failures, ThoseThatAreNotThePointsFaultChangeNothing) {
  const Problem problem = MakeProblem(5);
  const auto algorithm = Create(GetParam()->name, problem);
  History history;
  for (const Point& point : Points(*Create("sobol", problem), 0, 32)) {
    Trial& trial = history.trials.emplace_back();
    trial.name = std::to_string(history.trials.size());
    trial.number = static_cast<std::int64_t>(history.trials.size());
    trial.point = point;
    trial.status = TrialStatus::kSucceeded;
    trial.objectives = {Value(point)};
  }
  History disturbed = history;
  for (int i = 0; i < 8; ++i) {
    Trial& trial = disturbed.trials.emplace_back();
    trial.name = "disturbed-" + std::to_string(i);
    trial.number = 100 + i;
    trial.point = Point{1 - 0.01 * i, 0.5};  // where the search should go
    trial.status = TrialStatus::kKilled;
  }
  EXPECT_EQ(Points(*algorithm, disturbed, 40, 3), Points(*algorithm, history, 40, 3));
}

INSTANTIATE_TEST_SUITE_P(All, Failures, ::testing::ValuesIn(LearningAlgorithms()), [](const auto& test) {
  std::string name(test.param->name);
  std::erase(name, '-');
  return name;
});

}  // namespace
}  // namespace qalam::algorithms
