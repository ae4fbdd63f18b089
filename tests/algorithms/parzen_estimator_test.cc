#include "algorithms/parzen_estimator.h"

#include <cmath>

#include "tests/algorithms/support.h"

namespace qalam::algorithms {
namespace {

using testing::Must;
using testing::OneOf;
using testing::Real;
using testing::Whole;

std::vector<Axis> Axes(std::vector<Parameter> parameters) {
  return AxesOf(Must(SearchSpace::Make(std::move(parameters))));
}

// Over [0, 1] in steps of half a cell at each end: exact to O(1/n^2) for a smooth density.
double Integral(const ParzenEstimator& estimator) {
  constexpr int kCells = 20'000;
  double sum = 0;
  for (int i = 0; i < kCells; ++i)
    sum += std::exp(estimator.LogDensity(std::vector<double>{(i + 0.5) / kCells}));
  return sum / kCells;
}

double Sum(const ParzenEstimator& estimator, const Axis& axis) {
  double sum = 0;
  for (std::uint64_t code = 0; code < axis.size(); ++code) {
    const auto [lower, upper] = axis.CellOf(static_cast<double>(code));
    sum += (upper - lower) * std::exp(estimator.LogDensity(std::vector<double>{static_cast<double>(code)}));
  }
  return sum;
}

TEST(ParzenEstimator, IsTheDeclaredDistributionWithoutPoints) {
  const std::vector<Axis> axes = Axes({Real("x", 1, 9, {}, Distribution::kNormal), OneOf("c", {"a", "b"})});
  const ParzenEstimator estimator(axes, {0.1, 0.5}, 1);
  EXPECT_NEAR(estimator.LogDensity(std::vector<double>{0.3, 1}), 0, 1e-15);
  Rng rng({1});
  double sum = 0;
  for (int i = 0; i < 1000; ++i) sum += estimator.Sample(rng)[0];
  EXPECT_NEAR(sum / 1000, 0.5, 0.055);  // six standard deviations of the mean
}

// A point that is nowhere on an axis is the marginal of the others; a kernel that is nowhere has the declared distribution there.
TEST(ParzenEstimator, LeavesOutInactiveAxes) {
  const double nowhere = std::nan("");
  const std::vector<Axis> axes = Axes({Real("x", 0, 1), Real("y", 0, 1), Whole("n", 1, 5)});
  ParzenEstimator all(axes, {0.1, 0.2, 0.3}, 0.5), partly = all;
  const std::vector<Axis> first = Axes({Real("x", 0, 1)});
  ParzenEstimator marginal(first, {0.1}, 0.5);
  for (const auto& [x, weight] : {std::pair(0.2, 1.0), {0.7, 2.0}}) {
    all.Add(std::vector<double>{x, 1 - x, 2}, weight);
    partly.Add(std::vector<double>{x, nowhere, nowhere}, weight);
    marginal.Add(std::vector<double>{x}, weight);
  }
  for (const double x : {0.1, 0.5, 0.75}) {
    const double expected = marginal.LogDensity(std::vector<double>{x});
    EXPECT_NEAR(all.LogDensity(std::vector<double>{x, nowhere, nowhere}), expected, 1e-12);
    EXPECT_NEAR(partly.LogDensity(std::vector<double>{x, 0.4, 3}), expected, 1e-12);
  }
  Rng rng({1});
  double sum = 0;
  for (int i = 0; i < 1000; ++i) sum += partly.Sample(rng)[1];
  EXPECT_NEAR(sum / 1000, 0.5, 0.055);  // uniform, not where no point was
}

TEST(ParzenEstimator, IntegratesToOneOnContinuousAxes) {
  for (const double bandwidth : {0.002, 0.05, 0.7, 1.0}) {
    const std::vector<Axis> axes = Axes({Real("x", 1e-5, 1, {}, Distribution::kLogUniform)});
    ParzenEstimator estimator(axes, {bandwidth}, 0.5);
    for (const auto& [x, weight] : {std::pair(0.0, 2.0), {1.0, 1.0}, {0.3, 0.1}, {0.999, 3.0}}) {
      estimator.Add(std::vector<double>{x}, weight);
    }
    EXPECT_NEAR(Integral(estimator), 1, 2e-5) << bandwidth;
  }
}

TEST(ParzenEstimator, SumsToOneOnFiniteAxes) {
  for (const Parameter& parameter :
       {Whole("n", 1, 7), Whole("n", 1, 5000, {}, Distribution::kLogUniform),
        Real("x", 0, 1, 0.05, Distribution::kNormal), Whole("n", 1, 200, {}, Distribution::kLogNormal),
        OneOf("c", {"a", "b", "c", "d"}), Must(Parameter::Discrete("d", {"8", "1", "3"})),
        Whole("n", 5, 5)}) {
    const std::vector<Axis> axes = Axes({parameter});
    for (const double bandwidth : {0.002, 0.05, 1.0}) {
      ParzenEstimator estimator(axes, {bandwidth}, 0.5);
      const double last = static_cast<double>(axes[0].size() - 1);
      for (const double code : {0.0, last, std::floor(last / 2), 0.0})
        estimator.Add(std::vector<double>{code}, 2);
      EXPECT_NEAR(Sum(estimator, axes[0]), 1, 1e-4) << bandwidth;
    }
  }
}

// One kernel at 1/4 with sd 1/10, and the prior with a third of the mass: at 0.3,
// 1/3 + 2/3 phi(1/2) / (0.1 (Phi(7.5) - Phi(-2.5))).
TEST(ParzenEstimator, MatchesClosedForm) {
  const std::vector<Axis> axes = Axes({Real("x", 0, 1)});
  ParzenEstimator estimator(axes, {0.1}, 1);
  estimator.Add(std::vector<double>{0.25}, 2);
  const double phi = std::exp(-0.125) / std::sqrt(2 * M_PI);
  const double inside = 1 - 0.5 * std::erfc(2.5 / std::sqrt(2));
  EXPECT_NEAR(std::exp(estimator.LogDensity(std::vector<double>{0.3})),
              1.0 / 3 + 2.0 / 3 * phi / (0.1 * inside), 1e-12);

  // Aitchison and Aitken: 1 - h + h / K for the category itself, relative to 1 / K.
  const std::vector<Axis> list = Axes({OneOf("c", {"a", "b", "c", "d"})});
  ParzenEstimator categories(list, {0.2}, 1);
  categories.Add(std::vector<double>{2}, 3);
  EXPECT_NEAR(std::exp(categories.LogDensity(std::vector<double>{2})), 0.25 + 0.75 * 4 * (0.8 + 0.05), 1e-12);
  EXPECT_NEAR(std::exp(categories.LogDensity(std::vector<double>{0})), 0.25 + 0.75 * 4 * 0.05, 1e-12);
}

TEST(ParzenEstimator, KernelsAreJoint) {
  const std::vector<Axis> axes = Axes({Real("x", 0, 1), OneOf("c", {"a", "b"})});
  ParzenEstimator estimator(axes, {0.05, 0.01}, 0.01);
  estimator.Add(std::vector<double>{0.2, 0}, 1);
  estimator.Add(std::vector<double>{0.8, 1}, 1);
  const auto density = [&](double x, double c) {
    return std::exp(estimator.LogDensity(std::vector<double>{x, c}));
  };
  EXPECT_GT(density(0.2, 0), 50 * density(0.2, 1));
  EXPECT_GT(density(0.8, 1), 50 * density(0.8, 0));
}

// Frequencies of 20,000 draws against the masses of the cells: six standard deviations each.
TEST(ParzenEstimator, SamplesFromItsDensity) {
  const std::vector<Axis> axes =
      Axes({Whole("n", 1, 12, {}, Distribution::kLogUniform), OneOf("c", {"a", "b", "c"})});
  ParzenEstimator estimator(axes, {0.2, 0.3}, 0.7);
  estimator.Add(std::vector<double>{0, 1}, 1);
  estimator.Add(std::vector<double>{7, 2}, 2);
  estimator.Add(std::vector<double>{11, 2}, 0.5);
  constexpr int kDraws = 20'000;
  std::vector<double> count(36);
  Rng rng({3});
  for (int i = 0; i < kDraws; ++i) {
    const std::vector<double> codes = estimator.Sample(rng);
    count[static_cast<size_t>(codes[0] * 3 + codes[1])] += 1;
  }
  for (double n = 0; n < 12; ++n) {
    for (double c = 0; c < 3; ++c) {
      const auto [lower, upper] = axes[0].CellOf(n);
      const double p = (upper - lower) / 3 * std::exp(estimator.LogDensity(std::vector<double>{n, c}));
      EXPECT_NEAR(count[static_cast<size_t>(n * 3 + c)] / kDraws, p, 6 * std::sqrt(p * (1 - p) / kDraws))
          << n << c;
    }
  }
}

}  // namespace
}  // namespace qalam::algorithms
