#include "algorithms/cma_distribution.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "algorithms/random_engine.h"
#include "algorithms/truncated_normal.h"

namespace qalam::algorithms {
namespace {

using Eigen::VectorXd;

VectorXd StandardNormal(Eigen::Index n, Rng& rng) {
  const double infinity = std::numeric_limits<double>::infinity();
  VectorXd z(n);
  for (double& x : z) x = TruncatedNormalQuantile(rng.Uniform(), -infinity, infinity);
  return z;
}

template <class F>
Eigen::MatrixXd BestFirst(const Eigen::MatrixXd& points, F f) {
  std::vector<Eigen::Index> order(points.cols());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(),
            [&](Eigen::Index a, Eigen::Index b) { return f(points.col(a)) < f(points.col(b)); });
  return points(Eigen::all, order);
}

// Evaluations until f < target, or `most`.
template <class F>
int Evaluations(CmaDistribution distribution, double target, int most, std::uint64_t seed, F f) {
  Rng rng({seed});
  int evaluations = 0;
  while (evaluations < most) {
    Eigen::MatrixXd points(distribution.mean().size(), distribution.population());
    for (auto point : points.colwise()) {
      point = distribution.PointAt(StandardNormal(points.rows(), rng));
      ++evaluations;
      if (f(point) < target) return evaluations;
    }
    distribution.Update(BestFirst(points, f));
  }
  return most;
}

double Sphere(const VectorXd& x) { return x.squaredNorm(); }

double Rosenbrock(const VectorXd& x) {
  double sum = 0;
  for (Eigen::Index i = 0; i + 1 < x.size(); ++i) {
    sum += 100 * std::pow(x[i] * x[i] - x[i + 1], 2) + std::pow(x[i] - 1, 2);
  }
  return sum;
}

// The conditions of CEC 2005: optimum anywhere in [-80, 80]^n, sigma 100.
template <class F>
int MedianEvaluations(int n, double target, F f) {
  std::vector<int> evaluations;
  for (std::uint64_t seed = 0; seed < 11; ++seed) {
    Rng rng({seed, 1});
    VectorXd optimum(n);
    for (double& x : optimum) x = 160 * rng.Uniform() - 80;
    const CmaDistribution start(VectorXd::Zero(n), 100, CmaDistribution::DefaultPopulation(n));
    evaluations.push_back(
        Evaluations(start, target, 100'000, seed, [&](const VectorXd& x) { return f(x - optimum); }));
  }
  std::sort(evaluations.begin(), evaluations.end());
  return evaluations[5];
}

// Auger and Hansen, A Restart CMA Evolution Strategy With Increasing Population Size, CEC 2005, tables of F1: 1,610
// evaluations in 10 and 4,500 in 30 dimensions to an error of 1e-6. Single runs here lie within 15 % of that.
TEST(CmaDistribution, NeedsThePublishedEvaluationsOnTheSphere) {
  EXPECT_NEAR(MedianEvaluations(10, 1e-6, Sphere), 1610, 160);
  EXPECT_NEAR(MedianEvaluations(30, 1e-6, Sphere), 4500, 450);
}

// The same, F6 in 10 dimensions to 1e-2: 10,800, with the runs that end in the other optimum. Active weights, which
// that paper has not, save some.
TEST(CmaDistribution, NeedsNoMoreThanThePublishedEvaluationsOnRosenbrock) {
  const int median =
      MedianEvaluations(10, 1e-2, [](const VectorXd& x) { return Rosenbrock(x + VectorXd::Ones(x.size())); });
  EXPECT_LT(median, 7'500);
  EXPECT_GT(median, 3'000);
}

TEST(CmaDistribution, LearnsTheShapeOfAnEllipsoid) {
  const auto ellipsoid = [](const VectorXd& x) { return x[0] * x[0] + 1e6 * x[1] * x[1]; };
  CmaDistribution distribution(VectorXd::Ones(2), 0.5, 6);
  Rng rng({4});
  for (int generation = 0; generation < 150; ++generation) {
    Eigen::MatrixXd points(2, 6);
    for (auto point : points.colwise()) point = distribution.PointAt(StandardNormal(2, rng));
    distribution.Update(BestFirst(points, ellipsoid));
  }
  const VectorXd deviations = distribution.standard_deviations();
  EXPECT_GT(deviations[0] / deviations[1], 200);
  EXPECT_LT(deviations[0] / deviations[1], 5'000);
}

TEST(CmaDistribution, IsTheSameUnderTranslationAndScale) {
  const auto run = [](double shift, double scale) {
    return Evaluations(CmaDistribution(VectorXd::Constant(4, scale + shift), scale / 2, 8), 1e-6, 10'000, 3,
                       [&](const VectorXd& x) { return Rosenbrock((x.array() - shift) / scale); });
  };
  EXPECT_EQ(run(0, 1), run(0, 1024));
  EXPECT_NEAR(run(0, 1), run(8, 1), 60);  // rounding differs
}

TEST(CmaDistribution, ShortensForeignSteps) {
  CmaDistribution distribution(VectorXd::Zero(3), 1, 6);
  Eigen::MatrixXd points = Eigen::MatrixXd::Constant(3, 6, 1e9);
  points.col(5) *= -1;
  distribution.Update(points);
  EXPECT_LE(distribution.mean().norm(), std::sqrt(3) + 2 * 3 / 5.0 + 1e-9);
  EXPECT_LE(distribution.sigma(), std::exp(1.0));
  EXPECT_LT(distribution.standard_deviations().maxCoeff(), 20);
}

TEST(CmaDistribution, SurvivesGenerationsOfOnePoint) {
  CmaDistribution distribution(VectorXd::Constant(3, 0.5), 0.1, 7);
  for (int generation = 0; generation < 2'000; ++generation) {
    distribution.Update(Eigen::MatrixXd::Constant(3, 7, 0.25));
  }
  EXPECT_TRUE(distribution.mean().allFinite());
  EXPECT_TRUE(distribution.standard_deviations().allFinite());
  EXPECT_NEAR(distribution.mean()[0], 0.25, 1e-9);
}

TEST(CmaDistribution, StaysFastInManyDimensions) {
  const int n = CmaDistribution::kMaxCorrelated + 50;
  EXPECT_LT(Evaluations(CmaDistribution(VectorXd::Ones(n), 0.3, CmaDistribution::DefaultPopulation(n)), 1e-3,
                        20'000, 1, Sphere),
            12'000);
}

TEST(CmaDistribution, PopulationGrowsWithTheLogarithm) {
  EXPECT_EQ(CmaDistribution::DefaultPopulation(0), 4);
  EXPECT_EQ(CmaDistribution::DefaultPopulation(1), 4);
  EXPECT_EQ(CmaDistribution::DefaultPopulation(5), 8);
  EXPECT_EQ(CmaDistribution::DefaultPopulation(10), 10);
}

}  // namespace
}  // namespace qalam::algorithms
