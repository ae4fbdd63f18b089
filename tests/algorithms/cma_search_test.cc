#include "algorithms/cma_search.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "algorithms/random_engine.h"
#include "tests/algorithms/support.h"

namespace qalam::algorithms {
namespace {

using testing::Must;
using testing::OneOf;
using testing::Real;
using testing::Whole;

constexpr double kSigma = 1.0 / 6;

std::vector<Axis> Axes(std::vector<Parameter> parameters) {
  return AxesOf(Must(SearchSpace::Make(std::move(parameters))));
}

// Feeds `results` points of the search's own, valued by f of their codes.
template <class F>
void Feed(CmaSearch& search, size_t axes, int results, std::uint64_t seed, F f) {
  Rng rng({seed});
  std::vector<double> u(axes);
  for (int i = 0; i < results; ++i) {
    for (double& x : u) x = rng.Uniform();
    const std::vector<double> codes = search.PointAt(u, 1);
    search.Tell(codes, f(codes));
  }
}

TEST(CmaSearch, StartsInTheMiddle) {
  const std::vector<Axis> axes = Axes({Real("x", 0, 1), Whole("n", 1, 9), OneOf("c", {"a", "b", "c", "d"})});
  const CmaSearch search(axes, kSigma, RestartStrategy::kNone, 1);
  EXPECT_EQ(search.PointAt(std::vector<double>{0.5, 0.5, 0.6}, 1), (std::vector<double>{0.5, 4, 2}));
  EXPECT_EQ(search.chances(2), std::vector<double>(4, 0.25));
  EXPECT_EQ(search.population(), CmaDistribution::DefaultPopulation(3));
}

TEST(CmaSearch, LearnsNothingAboutAxesThatWereInactive) {
  const std::vector<Axis> axes = Axes({Real("x", 0, 1), Real("y", 0, 1), OneOf("c", {"a", "b", "c"})});
  CmaSearch search(axes, kSigma, RestartStrategy::kNone, 1);
  for (int i = 0; i < 20 * search.population(); ++i) {
    search.Tell({0.9 + 0.001 * (i % 10), std::nan(""), std::nan("")}, i % 7);
  }
  EXPECT_GT(search.distribution()->mean()[0], 0.8);
  EXPECT_EQ(search.chances(2), std::vector<double>(3, 1.0 / 3));
}

TEST(CmaSearch, RanksByViolationBeforeTheValue) {
  const std::vector<Axis> axes = Axes({Real("x", 0, 1), Real("y", 0, 1)});
  CmaSearch search(axes, kSigma, RestartStrategy::kNone, 1);
  Rng rng({2});
  std::vector<double> u(2);
  for (int i = 0; i < 300; ++i) {
    for (double& x : u) x = rng.Uniform();
    const std::vector<double> codes = search.PointAt(u, 1);
    search.Tell(codes, -codes[0] - codes[1], std::max(0.0, codes[0] - 0.3));
  }
  EXPECT_NEAR(search.distribution()->mean()[0], 0.3, 0.05);
  EXPECT_GT(search.distribution()->mean()[1], 0.9);
}

TEST(CmaSearch, StaysWithinBounds) {
  const std::vector<Axis> axes = Axes({Real("x", 0, 1), Whole("n", 1, 9)});
  CmaSearch search(axes, 1, RestartStrategy::kNone, 1);
  for (const double u : {1e-12, 0.01, 0.99, 1 - 1e-12}) {
    const std::vector<double> codes = search.PointAt(std::vector<double>{u, u}, 100);
    EXPECT_GE(codes[0], 0);
    EXPECT_LE(codes[0], 1);
    EXPECT_GE(codes[1], 0);
    EXPECT_LE(codes[1], 8);
  }
}

TEST(CmaSearch, FindsAnOptimumOnTheBound) {
  const std::vector<Axis> axes = Axes({Real("x", 0, 1), Real("y", 0, 1), Real("z", 0, 1)});
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    CmaSearch search(axes, kSigma, RestartStrategy::kNone, seed);
    double best = 3;
    Feed(search, 3, 300, seed, [&](const auto& codes) {
      const double value = codes[0] + std::fabs(codes[1] - 1) + std::pow(codes[2] - 0.4, 2);
      best = std::min(best, value);
      return value;
    });
    EXPECT_LT(best, 1e-3) << seed;
  }
}

// A real coordinate that converges first must not take the integers along: they find their optimum, and still try its
// neighbours after the real one has converged.
TEST(CmaSearch, IntegersDoNotFreeze) {
  const std::vector<Axis> axes = Axes({Real("x", 0, 1), Whole("n", 0, 40), Whole("m", 0, 1)});
  int solved = 0;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    CmaSearch search(axes, kSigma, RestartStrategy::kNone, seed);
    Feed(search, 3, 800, seed, [](const auto& codes) {
      return 1e3 * std::pow(codes[0] - 0.7, 2) + 1e-3 * std::pow(codes[1] - 31, 2) +
             (codes[2] == 1 ? 0 : 1e-4);
    });
    std::set<double> values;
    Rng rng({seed, 1});
    for (int i = 0; i < 200; ++i) {
      values.insert(search.PointAt(std::vector<double>{rng.Uniform(), rng.Uniform(), rng.Uniform()}, 1)[1]);
    }
    const std::vector<double> centre = search.PointAt(std::vector<double>{0.5, 0.5, 0.5}, 1);
    solved += centre[1] == 31 && centre[2] == 1 && values.size() > 1;
    EXPECT_LT(search.distribution()->standard_deviations()[0], 1e-3);
  }
  EXPECT_GE(solved, 9);
}

TEST(CmaSearch, CategoriesGoWhereTheBetterPointsAre) {
  const std::vector<Axis> axes =
      Axes({Real("x", 0, 1), OneOf("c", {"a", "b", "c", "d", "e"}), OneOf("one", {"a"})});
  CmaSearch search(axes, kSigma, RestartStrategy::kNone, 3);
  Feed(search, 3, 150, 3,
       [](const auto& codes) { return std::fabs(codes[0] - 0.3) + (codes[1] == 3 ? 0 : 1); });
  EXPECT_GT(search.chances(1)[3], 0.65);
  for (const double chance : search.chances(1)) EXPECT_GT(chance, 0.05);  // the margin
}

TEST(CmaSearch, FailuresAreWorseThanAnyResult) {
  const std::vector<Axis> axes = Axes({Real("x", 0, 1), Real("y", 0, 1)});
  CmaSearch search(axes, kSigma, RestartStrategy::kNone, 1);
  // The best values are next to where everything fails.
  Feed(search, 2, 400, 1, [](const auto& codes) {
    return codes[0] < 0.4 ? std::numeric_limits<double>::infinity() : codes[0] + codes[1];
  });
  EXPECT_NEAR(search.distribution()->mean()[0], 0.4, 0.01);
}

TEST(CmaSearch, WithoutARestartStrategyThereIsOneRun) {
  const std::vector<Axis> axes = Axes({Real("x", 0, 1), Real("y", 0, 1)});
  CmaSearch search(axes, kSigma, RestartStrategy::kNone, 1);
  Feed(search, 2, 3'000, 1, [](const auto&) { return 1.0; });
  EXPECT_EQ(search.runs(), 1);
}

TEST(CmaSearch, IpopDoublesThePopulation) {
  const std::vector<Axis> axes = Axes({Real("x", 0, 1), Real("y", 0, 1)});
  CmaSearch search(axes, kSigma, RestartStrategy::kIpop, 1);
  std::vector<int> populations = {search.population()};
  for (int i = 0; i < 4'000 && populations.size() < 4; ++i) {
    Feed(search, 2, 1, i, [](const auto&) { return 1.0; });
    if (search.runs() > static_cast<int>(populations.size())) populations.push_back(search.population());
  }
  EXPECT_EQ(populations, (std::vector<int>{6, 12, 24, 48}));
}

TEST(CmaSearch, BipopGivesBothKindsTheirShare) {
  const std::vector<Axis> axes = Axes({Real("x", 0, 1), Real("y", 0, 1)});
  CmaSearch search(axes, kSigma, RestartStrategy::kBipop, 1);
  int runs = 0, large = 0, small = 0, largest = 6;
  for (int i = 0; i < 12'000; ++i) {
    Feed(search, 2, 1, i, [](const auto&) { return 1.0; });
    if (search.runs() == runs) continue;
    runs = search.runs();
    if (runs == 1) continue;
    if (search.population() == 2 * largest) {
      largest *= 2;
      ++large;
    } else {
      EXPECT_LE(search.population(), largest / 2);
      ++small;
    }
  }
  EXPECT_GE(large, 3);
  EXPECT_GE(small, large);  // they are shorter
}

// Every start of a run lies in another valley, of which one in nine has the optimum.
TEST(CmaSearch, RestartsLeaveLocalOptima) {
  const auto valleys = [](const auto& codes) {
    double sum = 0;
    for (const double x : codes) sum += 20 * std::pow(x - 0.83, 2) + 1 - std::cos(6 * M_PI * (x - 0.83));
    return sum;
  };
  const std::vector<Axis> axes = Axes({Real("x", 0, 1), Real("y", 0, 1)});
  const auto solved = [&](RestartStrategy strategy) {
    int count = 0;
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
      CmaSearch search(axes, 0.03, strategy, seed);
      double best = 1;
      Feed(search, 2, 3'000, seed, [&](const auto& codes) {
        best = std::min(best, valleys(codes));
        return valleys(codes);
      });
      count += best < 1e-6;
    }
    return count;
  };
  EXPECT_LE(solved(RestartStrategy::kNone), 1);
  EXPECT_GE(solved(RestartStrategy::kIpop), 9);
  EXPECT_GE(solved(RestartStrategy::kBipop), 9);
}

}  // namespace
}  // namespace qalam::algorithms
