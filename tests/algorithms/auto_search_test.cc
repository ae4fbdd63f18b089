#include "algorithms/auto_search.h"

#include <gtest/gtest.h>

#include "support.h"

namespace qalam::algorithms {
namespace {

using testing::Create;
using testing::OneOf;
using testing::Points;
using testing::ProblemOf;
using testing::Real;
using testing::Texts;
using testing::Whole;

Problem WithReals(int count) {
  std::vector<Parameter> parameters;
  for (int i = 0; i < count; ++i) parameters.push_back(Real("x" + std::to_string(i), 0, 1));
  return ProblemOf(std::move(parameters));
}

TEST(AutoSearch, ModelsTheWholeSpaceOfFewParametersAndAPlaceOfMany) {
  EXPECT_EQ(auto_search::Choose(WithReals(1)), "bayesianoptimization");
  EXPECT_EQ(auto_search::Choose(WithReals(19)), "bayesianoptimization");
  EXPECT_EQ(auto_search::Choose(WithReals(20)), "turbo");
}

TEST(AutoSearch, TakesWhatIsCheapForThousandsOfTrialsOrManyAtOnce) {
  for (const auto& [trials, parallel] : {std::pair(1'501, 2), std::pair(0, 64)}) {
    Problem numeric = ProblemOf({Real("x", 0, 1), Whole("n", 1, 9)});
    Problem mixed = ProblemOf({Real("x", 0, 1), OneOf("kind", {"a", "b"})});
    Problem single = WithReals(1);
    for (Problem* problem : {&numeric, &mixed, &single}) {
      problem->max_trial_count = trials;
      problem->parallel_trial_count = parallel;
    }
    EXPECT_EQ(auto_search::Choose(numeric), "cmaes");
    EXPECT_EQ(auto_search::Choose(mixed), "tpe");
    EXPECT_EQ(auto_search::Choose(single), "tpe");
  }
  Problem fewer = WithReals(2);
  fewer.max_trial_count = 1'500;
  fewer.parallel_trial_count = 63;
  EXPECT_EQ(auto_search::Choose(fewer), "bayesianoptimization");
}

TEST(AutoSearch, IsTheChosenOne) {
  const Problem problem = WithReals(2);
  EXPECT_EQ(Texts(problem, Points(*Create("auto", problem), 0, 3)),
            Texts(problem, Points(*Create("bayesianoptimization", problem), 0, 3)));
}

TEST(AutoSearch, RefusesSettingsThatOnlyOneOfTheOthersHas) {
  Problem problem = WithReals(2);
  problem.settings = {{"seed", "1"}};
  EXPECT_TRUE(auto_search::Validate(problem).ok());
  problem.settings = {{"n_initial_points", "3"}};
  EXPECT_EQ(auto_search::Validate(problem).message(), "unknown setting n_initial_points for algorithm auto");
}

}  // namespace
}  // namespace qalam::algorithms
