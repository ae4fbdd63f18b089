#include "bench/constrained.h"

#include <gtest/gtest.h>

#include "algorithms/feasible_points.h"
#include "bench/optimizer.h"
#include "bench/run.h"

namespace qalam::bench {
namespace {

using algorithms::Choice;
using algorithms::Point;

const Problem& Named(std::string_view name) {
  for (const Problem& problem : ConstrainedProblems()) {
    if (problem.name == name) return problem;
  }
  ADD_FAILURE() << name;
  std::abort();
}

double LossAt(std::string_view name, const Point& point) {
  const Problem& problem = Named(name);
  EXPECT_TRUE(KeepsConstraints(problem, point)) << name;
  return *problem.evaluate(point);
}

TEST(ConstrainedProblems, HaveThePublishedOptima) {
  EXPECT_NEAR(LossAt("gardner-1", {4.71238898, 0.0}), -2, 1e-9);
  EXPECT_NEAR(LossAt("gardner-2", {4.71238898, 1.2532359}), 0.2532, 1e-4);
  EXPECT_NEAR(LossAt("gramacy", {0.1954, 0.4044}), 0.5998, 1e-3);
  EXPECT_NEAR(LossAt("pressure-vessel", {0.8125, 0.4375, 42.0984455, 176.6366}), 6059.714335, 1e-3);
  EXPECT_DOUBLE_EQ(LossAt("jenatton-tree", {Choice{1}, Choice{0}, Choice{1}, 0.3, 0.4, 0.5, 0.0, 0.6, 0.0}),
                   0.1);
}

TEST(ConstrainedProblems, ArePenalisedWhereConstraintsAreViolated) {
  EXPECT_FALSE(KeepsConstraints(Named("gramacy"), {0.1, 0.1}));
  EXPECT_FALSE(KeepsConstraints(Named("pressure-vessel"),
                                {0.8125, 0.4375, 42.1, 176.6366}));  // thinner than its radius allows
  EXPECT_FALSE(KeepsConstraints(Named("pressure-vessel"), {0.8125, 0.4375, 42.0, 170.0}));  // too small
  EXPECT_FALSE(Named("gramacy-blind").evaluate({0.1, 0.1}).ok());
  EXPECT_TRUE(Named("gramacy-blind").evaluate({0.5, 0.5}).ok());
}

// What the conditional one leaves out must make no difference.
TEST(ConstrainedProblems, DependOnActiveParametersOnly) {
  for (const char* name : {"jenatton-tree", "svm_digits-conditional"}) {
    const Problem& problem = Named(name);
    algorithms::Rng rng({1});
    for (int i = 0; i < 200; ++i) {
      std::vector<double> u(problem.space.size());
      for (double& x : u) x = rng.Uniform();
      const Point point = problem.space.FromUnit(u);
      EXPECT_EQ(*problem.evaluate(point), *problem.evaluate(problem.space.Canonical(point)));
    }
  }
}

TEST(ConstrainedProblems, NothingInfeasibleCountsAsProgress) {
  const Problem& problem = Named("gardner-2");
  const auto record = RunOne(*ParseOptimizers("random")->begin(), problem, {.seed = 1, .budget = 200});
  ASSERT_TRUE(record.ok()) << record.status();
  // Infeasible points have values down to -1, which would be a regret of 0.
  EXPECT_GT(record->curve.back().regret, 0.01);
}

}  // namespace
}  // namespace qalam::bench
