// What every algorithm must keep that searches with several objectives, besides the common contract.

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "algorithms/registry.h"
#include "tests/algorithms/support.h"

namespace qalam::algorithms {
namespace {

using testing::OneOf;
using testing::Points;
using testing::ProblemOf;
using testing::Real;
using testing::Whole;

constexpr int kTrials = 16;

struct Case {
  const AlgorithmInfo* info;
  size_t objectives;
};

Problem ProblemWith(size_t objectives) {
  Problem problem = ProblemOf({Real("lr", 1e-4, 1, {}, Distribution::kLogUniform), Whole("n", 1, 12),
                               OneOf("opt", {"adam", "sgd", "rmsprop"})},
                              {{"seed", "5"}});
  for (size_t i = 1; i < objectives; ++i) problem.objectives.push_back({"m" + std::to_string(i)});
  return problem;
}

class SeveralObjectives : public ::testing::TestWithParam<Case> {
 protected:
  SeveralObjectives() : problem_(ProblemWith(GetParam().objectives)) {
    if (GetParam().info->name == "grid") {
      problem_.space =
          testing::Must(SearchSpace::Make({Whole("lr", 0, 99), Whole("n", 0, 99), Whole("opt", 0, 9)}));
    }
    if (GetParam().info->name == "nsga2") problem_.settings.push_back({"population_size", "6"});
  }

  std::unique_ptr<Algorithm> Create(const Problem& problem) const {
    EXPECT_TRUE(ValidateProblem(*GetParam().info, problem).ok())
        << ValidateProblem(*GetParam().info, problem);
    return testing::Must(CreateAlgorithm(*GetParam().info, problem));
  }

  std::vector<double> Values(const Point& point) const {
    std::vector<double> values;
    const std::vector<double> u = problem_.space.ToUnit(point);
    for (size_t i = 0; i < problem_.objectives.size(); ++i) {
      double sum = 0;
      for (size_t j = 0; j < u.size(); ++j) sum += std::pow(u[j] - (i == j ? 0.8 : 0.2), 2);
      values.push_back(sum);
    }
    return values;
  }

  // Some failed, one lacks its last objective, three are running.
  History Experiment() const {
    History history;
    for (const Point& point : Points(*testing::Create("random", problem_), 0, kTrials)) {
      Trial trial;
      const auto i = static_cast<std::int64_t>(history.trials.size());
      trial.name = "t" + std::to_string(i);
      trial.number = i;
      trial.point = point;
      trial.status = i >= kTrials - 3 ? TrialStatus::kPending
                     : i == 4         ? TrialStatus::kFailed
                     : i == 6         ? TrialStatus::kEarlyStopped
                                      : TrialStatus::kSucceeded;
      if (trial.status == TrialStatus::kSucceeded || trial.status == TrialStatus::kEarlyStopped) {
        trial.objectives = Values(point);
        trial.completion_time = absl::FromUnixSeconds(i);
      }
      if (i == 9) trial.objectives.back() = std::nan("");
      history.trials.push_back(std::move(trial));
    }
    return history;
  }

  Problem problem_;
};

TEST_P(SeveralObjectives, GiveExactCountsAndTheSamePointsAgain) {
  const History history = Experiment();
  for (const int count : {1, 3, 7}) {
    const std::vector<Point> points = Points(*Create(problem_), history, kTrials, count);
    EXPECT_EQ(points.size(), static_cast<size_t>(count));
    EXPECT_EQ(points, Points(*Create(problem_), history, kTrials, count));
  }
}

TEST_P(SeveralObjectives, DoNotDependOnTheOrderOfTheHistory) {
  History history = Experiment();
  const std::vector<Point> expected = Points(*Create(problem_), history, kTrials, 2);
  std::reverse(history.trials.begin(), history.trials.end());
  EXPECT_EQ(Points(*Create(problem_), history, kTrials, 2), expected);
}

TEST_P(SeveralObjectives, AreMaximisedAsTheirNegativesAreMinimised) {
  const History history = Experiment();
  for (size_t j = 0; j < problem_.objectives.size(); ++j) {
    Problem other = problem_;
    other.objectives[j].direction = Direction::kMaximize;
    History negative = history;
    for (Trial& trial : negative.trials) {
      if (!trial.objectives.empty()) trial.objectives[j] *= -1;
    }
    EXPECT_EQ(Points(*Create(other), negative, kTrials, 2), Points(*Create(problem_), history, kTrials, 2))
        << j;
  }
}

TEST_P(SeveralObjectives, MayAllBeEqualOrEqualToEachOther) {
  History equal = Experiment(), same = equal;
  for (Trial& trial : equal.trials) std::fill(trial.objectives.begin(), trial.objectives.end(), 1);
  for (Trial& trial : same.trials) {
    if (!trial.objectives.empty())
      std::fill(trial.objectives.begin(), trial.objectives.end(), trial.objectives[0]);
  }
  for (const History& history : {equal, same})
    EXPECT_EQ(Points(*Create(problem_), history, kTrials, 3).size(), 3u);
}

std::vector<Case> Cases() {
  std::vector<Case> cases;
  for (const AlgorithmInfo& info : Algorithms()) {
    if (!info.can.several_objectives) continue;
    for (const size_t objectives : {2, 3, 4}) cases.push_back({&info, objectives});
  }
  return cases;
}

INSTANTIATE_TEST_SUITE_P(All, SeveralObjectives, ::testing::ValuesIn(Cases()), [](const auto& test) {
  std::string name(test.param.info->name);
  std::erase(name, '-');
  return name + std::to_string(test.param.objectives);
});

TEST(SeveralObjectivesElsewhere, AreRefusedWithTheAlgorithmsThatCan) {
  const absl::Status status = ValidateProblem(**FindAlgorithm("cmaes"), ProblemWith(2));
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()),
              ::testing::AllOf(::testing::HasSubstr("cmaes does not search with several objectives"),
                               ::testing::HasSubstr("nsga2")));
}

TEST(SeveralObjectivesOfAModel, AreFewAndAskForImprovement) {
  const AlgorithmInfo& info = **FindAlgorithm("bayesianoptimization");
  EXPECT_EQ(ValidateProblem(info, ProblemWith(7)).message(),
            "bayesianoptimization searches with at most 6 objectives, got 7; nsga2 takes any number");
  Problem problem = ProblemWith(2);
  problem.settings.push_back({"acq_func", "LCB"});
  EXPECT_EQ(ValidateProblem(info, problem).message(),
            "acq_func LCB is not supported with several objectives; should be gp_hedge, EI or EIps");
}

}  // namespace
}  // namespace qalam::algorithms
