#include "bench/front_problem.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "algorithms/hypervolume.h"
#include "bench/catalog.h"
#include "bench/run.h"

namespace qalam::bench {
namespace {

using algorithms::Losses;
using algorithms::Point;

// Hypervolume of points of the Pareto set: the first coordinate varies, the others are `rest`.
double OfParetoSet(const Problem& problem, double rest, int points) {
  std::vector<Losses> losses;
  for (int i = 0; i <= points; ++i) {
    Point point(problem.space.size(), rest);
    point[0] = static_cast<double>(i) / points;
    losses.push_back(*problem.front->losses(point));
  }
  return algorithms::Hypervolume(losses, problem.front->reference);
}

TEST(FrontProblem, HasTheHypervolumeOfItsParetoSetAsTheBestValue) {
  for (const char* name : {"zdt1", "zdt2", "zdt3", "zdt4", "zdt6", "zdt1-3"}) {
    const Problem problem = *FrontProblem(name);
    const double found = OfParetoSet(problem, 0, 20'000);
    EXPECT_LT(found, -*problem.best + 1e-6) << name;
    EXPECT_NEAR(found, -*problem.best, 3e-3) << name;
  }
  const Problem dtlz2 = *FrontProblem("dtlz2-2");
  EXPECT_NEAR(OfParetoSet(dtlz2, 0.5, 20'000), -*dtlz2.best, 1e-4);
}

TEST(FrontProblem, OfDtlz2IsTheUnitSphere) {
  const Problem problem = *FrontProblem("dtlz2-3-7");
  EXPECT_EQ(problem.space.size(), 7u);
  EXPECT_NEAR(*problem.best, -(std::pow(1.1, 3) - std::numbers::pi / 6), 1e-12);
  for (const double a : {0.0, 0.3, 1.0}) {
    Point point(7, 0.5);
    point[0] = a;
    point[1] = 1 - a / 2;
    const Losses losses = *problem.front->losses(point);
    ASSERT_EQ(losses.size(), 3u);
    EXPECT_NEAR(losses[0] * losses[0] + losses[1] * losses[1] + losses[2] * losses[2], 1, 1e-12);
    point[6] = 1.0;  // g = 1/4
    EXPECT_NEAR((*problem.front->losses(point))[0], 1.25 * losses[0], 1e-12);
  }
}

TEST(FrontProblem, KnowsItsNames) {
  for (const char* name :
       {"zdt5", "zdt1-1", "zdt1-x", "dtlz2", "dtlz2-1", "dtlz2-3-2", "dtlz2-9", "zdt1-2-3", "zdt1-"})
    EXPECT_FALSE(FrontProblem(name).has_value()) << name;
  EXPECT_EQ(FrontProblem("zdt4")->space.size(), 10u);
  EXPECT_EQ(FrontProblem("zdt3")->space.size(), 30u);
  const std::vector<std::string> names = {"front", "zdt1"};
  EXPECT_EQ(FindProblems(names, {})->size(), 7u);
  const std::vector<std::string> noisy = {"zdt1+noise=0.1"};
  EXPECT_EQ(FindProblems(noisy, {}).status().message(), "zdt1: noise is for problems with one loss");
}

TEST(FrontProblem, IsScoredByTheHypervolumeOfAllEvaluations) {
  const Problem problem = FindProblems(std::vector<std::string>{"zdt1-3"}, {})->front().problem;
  ASSERT_TRUE(problem.scale.has_value());
  const RunRecord record =
      *RunOne(ParseOptimizers("nsga2(population_size=10)")->front(), problem, {.seed = 1, .budget = 300});
  EXPECT_EQ(record.evaluations, 300);
  ASSERT_GT(record.curve.size(), 10u);
  for (size_t i = 1; i < record.curve.size(); ++i)
    EXPECT_LT(record.curve[i].regret, record.curve[i - 1].regret);
  EXPECT_LT(record.curve.back().regret, 0.5);
  EXPECT_GT(record.curve.back().regret, 0);
}

TEST(FrontProblem, RefusesAlgorithmsForOneLoss) {
  const auto record =
      RunOne(ParseOptimizers("tpe")->front(), *FrontProblem("zdt1-3"), {.seed = 1, .budget = 5});
  EXPECT_EQ(record.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(record.status().message().find("several objectives"), std::string::npos);
}

}  // namespace
}  // namespace qalam::bench
