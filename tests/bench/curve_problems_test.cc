#include "bench/curve_problems.h"

#include <gmock/gmock.h>

#include "algorithms/random_engine.h"
#include "bench/catalog.h"
#include "tests/bench/support.h"

namespace qalam::bench {
namespace {

std::vector<algorithms::Point> RandomPoints(const Problem& problem, int count) {
  algorithms::Rng rng({5});
  std::vector<algorithms::Point> points;
  std::vector<double> u(problem.space.size());
  for (int i = 0; i < count; ++i) {
    for (double& x : u) x = rng.Uniform();
    points.push_back(problem.space.FromUnit(u));
  }
  return points;
}

// The share of pairs of points whose order after `epoch` is not that after the last one.
double Crossings(const Problem& problem, int epoch) {
  const std::vector<algorithms::Point> points = RandomPoints(problem, 60);
  const Fidelity& fidelity = *problem.fidelity;
  int crossed = 0, pairs = 0;
  for (size_t i = 0; i < points.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      const bool early = Must(fidelity.loss(points[i], epoch)) < Must(fidelity.loss(points[j], epoch));
      const bool late = Must(problem.evaluate(points[i])) < Must(problem.evaluate(points[j]));
      crossed += early != late;
      ++pairs;
    }
  }
  return static_cast<double>(crossed) / pairs;
}

TEST(CurveProblems, EndAtTheLossOfTheWholeEvaluationAndNeverBelowTheBest) {
  for (const Problem& problem : CurveProblems()) {
    const Fidelity& fidelity = *problem.fidelity;
    EXPECT_DOUBLE_EQ(Must(problem.evaluate(*problem.optimum)), *problem.best) << problem.name;
    EXPECT_DOUBLE_EQ(Must(fidelity.loss(*problem.optimum, fidelity.epochs)), *fidelity.best) << problem.name;
    for (const algorithms::Point& point : RandomPoints(problem, 200)) {
      EXPECT_DOUBLE_EQ(Must(fidelity.loss(point, fidelity.epochs)), Must(problem.evaluate(point)));
      for (int epoch = 1; epoch <= fidelity.epochs; ++epoch) {
        const double loss = Must(fidelity.loss(point, epoch));
        EXPECT_GE(loss, *fidelity.best) << problem.name;
        EXPECT_EQ(loss, Must(fidelity.loss(point, epoch))) << "the same at every call";
      }
    }
  }
}

TEST(CurveProblems, CrossAsTheirNamesSay) {
  const std::vector<Problem> problems = CurveProblems();
  ASSERT_EQ(problems.size(), 3u);
  EXPECT_EQ(Crossings(problems[0], 1), 0) << "parallel";
  const double crossing = Crossings(problems[1], 3), noisy = Crossings(problems[2], 3);
  EXPECT_GT(crossing, 0.05);
  EXPECT_LT(crossing, 0.5) << "an early loss still says something";
  EXPECT_GT(noisy, crossing);
  EXPECT_LT(Crossings(problems[1], 18), crossing);
}

TEST(CurveProblems, AreFoundByNameAndAsAGroupWithTheRecordedOnes) {
  const auto names = [](const std::string& name) {
    std::string text;
    for (const ProblemChoice& choice : Must(FindProblems(std::vector<std::string>{name}, {}))) {
      EXPECT_TRUE(choice.problem.fidelity) << choice.name;
      EXPECT_TRUE(choice.problem.scale) << choice.name;
      text += choice.name + " ";
    }
    return text;
  };
  EXPECT_EQ(names("curve-noisy+shift=1"), "curve-noisy+shift=1 ");
  EXPECT_EQ(names("curves"), "mlp_digits mlp_diabetes curve-parallel curve-crossing curve-noisy ");
}

}  // namespace
}  // namespace qalam::bench
