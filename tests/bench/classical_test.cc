#include "bench/classical.h"

#include <gmock/gmock.h>

#include <cmath>

#include "algorithms/random_engine.h"
#include "bench/functions.h"
#include "bench/rotation.h"
#include "bench/space_parts.h"

namespace qalam::bench {
namespace {

// As they are printed in the literature.
TEST(Classical, HasThePublishedLowestValues) {
  const std::pair<const char*, double> published[] = {{"ackley-7", 0},
                                                      {"beale", 0},
                                                      {"branin", 0.397887},
                                                      {"dixon-price-4", 0},
                                                      {"ellipsoid-6", 0},
                                                      {"goldstein-price", 3},
                                                      {"griewank-3", 0},
                                                      {"hartmann-3", -3.86278},
                                                      {"hartmann-6", -3.32237},
                                                      {"levy-5", 0},
                                                      {"michalewicz-2", -1.8013},
                                                      {"michalewicz-5", -4.687658},
                                                      {"michalewicz-10", -9.66015},
                                                      {"rastrigin-9", 0},
                                                      {"rosenbrock-4", 0},
                                                      {"rotated-ellipsoid-5", 0},
                                                      {"schwefel-8", 0},
                                                      {"six-hump-camel", -1.0316},
                                                      {"sphere-1", 0},
                                                      {"styblinski-tang-3", -39.16617 * 3},
                                                      {"zakharov-6", 0}};
  for (const auto& [name, best] : published) {
    const std::optional<Problem> problem = Classical(name);
    ASSERT_TRUE(problem) << name;
    EXPECT_EQ(problem->name, name);
    EXPECT_NEAR(*problem->best, best, 6e-5) << name;
    EXPECT_NEAR(Must(problem->evaluate(*problem->optimum)), *problem->best, 1e-9) << name;
    algorithms::Rng rng({11});
    std::vector<double> u(problem->space.size());
    for (int i = 0; i < 2000; ++i) {
      for (double& v : u) v = rng.Uniform();
      ASSERT_GE(Must(problem->evaluate(problem->space.FromUnit(u))), *problem->best - 1e-9) << name;
    }
  }
}

TEST(Classical, KnowsEveryNameItLists) {
  for (const ClassicalFunction& function : ClassicalFunctions()) {
    const std::string name(function.name);
    if (function.dimensions > 0) {
      EXPECT_EQ(Classical(name)->space.size(), static_cast<size_t>(function.dimensions)) << name;
    } else {
      EXPECT_EQ(Classical(name + "-3")->space.size(), 3) << name;
      EXPECT_FALSE(Classical(name)) << name;
    }
  }
}

TEST(Classical, RefusesOtherNamesAndDimensions) {
  for (const char* name : {"", "acklee-5", "ackley-0", "ackley--1", "ackley-x", "ackley-100000", "branin-3",
                           "rosenbrock-1", "hartmann-4", "rotated-ellipsoid-1000"})
    EXPECT_FALSE(Classical(name)) << name;
}

TEST(Classical, RotatesTheEllipsoidWithoutChangingItsShape) {
  const Problem plain = *Classical("ellipsoid-4"), rotated = *Classical("rotated-ellipsoid-4");
  const auto along = [](const Problem& problem, size_t axis) {
    std::vector<double> x(4, 0.0);
    x[axis] = 1;
    return Must(problem.evaluate(PointOf(x)));
  };
  // The trace of the quadratic form does not change under rotation; single entries do.
  double trace = 0;
  for (size_t i = 0; i < 4; ++i) trace += along(rotated, i);
  EXPECT_NEAR(trace, 1 + std::pow(10, 4.0 / 3) + std::pow(10, 8.0 / 3) + 1e4, 1e-6);
  EXPECT_GT(std::abs(along(rotated, 0) - 1), 1);
  EXPECT_DOUBLE_EQ(along(plain, 3), 1e6);
}

TEST(RandomRotation, IsOrthogonalAndRepeatable) {
  const Rotation rotation = RandomRotation(12, 5);
  EXPECT_EQ(rotation.rows, RandomRotation(12, 5).rows);
  EXPECT_NE(rotation.rows, RandomRotation(12, 6).rows);
  for (int i = 0; i < 12; ++i) {
    std::vector<double> unit(12, 0.0);
    unit[i] = 1;
    const std::vector<double> back = rotation.ApplyTransposed(rotation.Apply(unit));
    for (int j = 0; j < 12; ++j) EXPECT_NEAR(back[j], unit[j], 1e-13);
  }
}

}  // namespace
}  // namespace qalam::bench
