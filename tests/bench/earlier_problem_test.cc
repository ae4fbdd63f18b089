#include "bench/earlier_problem.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "bench/catalog.h"
#include "bench/resource_parameter.h"
#include "bench/run.h"
#include "bench/space_parts.h"
#include "tests/bench/support.h"

namespace qalam::bench {
namespace {

using ::testing::HasSubstr;

Problem Named(const std::string& name) {
  const std::vector<std::string> names = {name};
  return Must(FindProblems(names, {})).front().for_run(0);
}

std::string Refusal(const std::string& name) {
  const std::vector<std::string> names = {name};
  return std::string(FindProblems(names, {}).status().message());
}

TEST(EarlierProblem, SiblingIsTheFunctionMovedAndOnAnotherScale) {
  const Problem problem = Named("ackley-2+after=sibling");
  const auto& parameter = problem.space.parameters()[0];
  const double u = 0.5;
  const std::vector<double> moved = {u + 0.05, u - 0.05}, here = {u, u};
  ASSERT_EQ(parameter.type(), algorithms::ParameterType::kDouble);
  EXPECT_NEAR(*problem.earlier_loss(problem.space.FromUnit(here)),
              100 + 5 * *problem.evaluate(problem.space.FromUnit(moved)), 1e-9);
}

TEST(EarlierProblem, ContraryIsTheNegative) {
  const Problem problem = Named("branin+after=contrary");
  const std::vector<double> u = {0.3, 0.7};
  const algorithms::Point point = problem.space.FromUnit(u);
  EXPECT_EQ(*problem.earlier_loss(point), -*problem.evaluate(point));
}

TEST(EarlierProblem, MayBeAnotherTable) {
  const Problem breast = Named("svm_breast+after=svm_digits"), digits = Named("svm_digits");
  const std::vector<double> u = {0.4, 0.6, 0.9, 0.1};
  EXPECT_EQ(*breast.earlier_loss(breast.space.FromUnit(u)), *digits.evaluate(digits.space.FromUnit(u)));
}

TEST(EarlierProblem, RefusesWhatDoesNotFit) {
  EXPECT_THAT(Refusal("branin+after=svm_digits"), HasSubstr("parameters of the same types"));
  EXPECT_THAT(Refusal("branin+after=nothing"), HasSubstr("after is \"nothing\""));
  EXPECT_THAT(Refusal("branin+after="), HasSubstr("unknown modifier"));
  EXPECT_THAT(Refusal("branin+after=sibling+shift=1"), HasSubstr("do not go together"));
  for (const char* name : {"zdt1+after=sibling", "gardner-1+after=contrary"})
    EXPECT_THAT(Refusal(name), HasSubstr("after is for problems with one loss and no bounds on metrics"));
}

TEST(EarlierProblem, TrialsAreThoseOfTheSeed) {
  const Problem problem = Named("branin+after=sibling");
  const algorithms::EarlierExperiment earlier = EarlierTrialsOf(problem, 3);
  ASSERT_EQ(earlier.trials.size(), static_cast<size_t>(kEarlierTrials));
  EXPECT_EQ(earlier.trials[7].point, EarlierTrialsOf(problem, 3).trials[7].point);
  EXPECT_NE(earlier.trials[7].point, EarlierTrialsOf(problem, 4).trials[7].point);
}

TEST(EarlierProblem, TrialsWithoutALossFailed) {
  const algorithms::EarlierExperiment earlier = EarlierTrialsOf(Named("gardner-1-blind+after=sibling"), 0);
  const auto failed = std::count_if(earlier.trials.begin(), earlier.trials.end(), [](const auto& trial) {
    return trial.status == algorithms::TrialStatus::kFailed && !algorithms::HasResult(trial);
  });
  EXPECT_GT(failed, 0);
  EXPECT_LT(failed, kEarlierTrials);
}

TEST(EarlierProblem, HasNoEpochs) {
  Problem problem = Named("curve-parallel+after=sibling");
  std::vector<double> u = {0.2, 0.4, 0.6, 0.8, 0.1};
  const double loss = *problem.earlier_loss(problem.space.FromUnit(u));
  size_t seen = 0;
  problem.earlier_loss = [&, inner = problem.earlier_loss](const algorithms::Point& point) {
    seen = point.size();
    return inner(point);
  };
  const Problem with_epochs = Must(WithEpochsParameter(problem));
  u.push_back(0.5);
  EXPECT_EQ(*with_epochs.earlier_loss(with_epochs.space.FromUnit(u)), loss);
  EXPECT_EQ(seen, 5u);
}

// Random search tries the three best of the earlier problem, then what it would have tried anyway.
TEST(EarlierProblem, IsToldToTheOptimizer) {
  const Optimizer random = Must(ParseOptimizers("random")).front();
  double cold = 0, warm = 0;
  for (std::uint64_t seed = 0; seed < 9; ++seed) {
    cold += *Must(RunOne(random, Named("svm_breast"), {.seed = seed, .budget = 5})).RegretAfter(3);
    warm += *Must(RunOne(random, Named("svm_breast+after=svm_digits"), {.seed = seed, .budget = 5}))
                 .RegretAfter(3);
  }
  EXPECT_LT(warm, cold / 2);
}

}  // namespace
}  // namespace qalam::bench
