#include "algorithms/random_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/math/distributions/chi_squared.hpp>
#include <cmath>
#include <set>

#include "tests/algorithms/support.h"

namespace qalam::algorithms {
namespace {

using testing::Create;
using testing::OneOf;
using testing::Points;
using testing::ProblemOf;
using testing::Real;
using testing::Texts;
using testing::Whole;

const Settings kSeed = {{"seed", "11"}};

// Largest distance between the empirical distribution of n draws and the uniform one; the draws are mapped to
// the unit interval by the declared distribution.
double KolmogorovSmirnov(const Parameter& parameter, const std::vector<Point>& points, size_t place) {
  std::vector<double> u;
  for (const Point& point : points) u.push_back(parameter.ToUnit(point[place]));
  std::sort(u.begin(), u.end());
  double distance = 0;
  for (size_t i = 0; i < u.size(); ++i) {
    const double n = static_cast<double>(u.size()), k = static_cast<double>(i);
    distance = std::max({distance, u[i] - k / n, (k + 1) / n - u[i]});
  }
  return distance;
}

// 5,000 draws of each distribution. P(sqrt(n) D > 2.72) = 2 exp(-2 2.72^2) = 7.5e-7 each, so a false alarm in
// 3 of a million seeds.
TEST(RandomSearch, DrawsFromTheDeclaredDistributions) {
  const Problem problem = ProblemOf(
      {Real("u", -4, 9), Real("lu", 1e-6, 10, {}, Distribution::kLogUniform),
       Real("n", 3, 9, {}, Distribution::kNormal), Real("ln", 0.5, 800, {}, Distribution::kLogNormal)},
      kSeed);
  const std::vector<Point> points = Points(*Create("random", problem), 0, 5000);
  for (size_t j = 0; j < 4; ++j) {
    const Parameter& parameter = problem.space.parameters()[j];
    EXPECT_LT(std::sqrt(5000.0) * KolmogorovSmirnov(parameter, points, j), 2.72) << parameter.name();
  }
}

// The same against closed forms, without Parameter::ToUnit: log10 is uniform on [-5, -1], mean -3, standard
// deviation of the mean of 2,000 draws 4 / sqrt(12 * 2000) = 0.0258. Six of them: a false alarm in 2 of a
// billion seeds.
TEST(RandomSearch, CentresLogUniformOnTheGeometricMean) {
  const Problem problem = ProblemOf({Real("lr", 1e-5, 1e-1, {}, Distribution::kLogUniform)}, kSeed);
  double sum = 0;
  for (const Point& point : Points(*Create("random", problem), 0, 2000))
    sum += std::log10(std::get<double>(point[0]));
  EXPECT_NEAR(sum / 2000, -3, 0.155);
}

// 10,000 draws, 10 values, the continuous parameter keeps the space infinite: chi-squared with 9 degrees of
// freedom. A false alarm in one of a million seeds. Half a chance at the ends, as in Katib, would add 500 to
// the statistic.
TEST(RandomSearch, GivesTheEndsOfAnIntTheirFullChance) {
  const Problem problem = ProblemOf({Whole("n", 1, 10), Real("x", 0, 1)}, kSeed);
  std::map<std::string, int> counts;
  for (const std::string& text : Texts(problem, Points(*Create("random", problem), 0, 10'000)))
    ++counts[text];
  ASSERT_EQ(counts.size(), 10u);
  double statistic = 0;
  for (const auto& [text, count] : counts) statistic += (count - 1000.0) * (count - 1000.0) / 1000;
  EXPECT_LT(statistic, quantile(complement(boost::math::chi_squared(9), 1e-6)));
}

// Correlation of two coordinates over 10,000 points has standard deviation 0.01; six of them.
TEST(RandomSearch, DrawsParametersIndependently) {
  const Problem problem = ProblemOf({Real("x", -1, 1), Real("y", -1, 1)}, kSeed);
  const std::vector<Point> points = Points(*Create("random", problem), 0, 10'000);
  double within = 0, between = 0;
  for (size_t i = 0; i + 1 < points.size(); ++i) {
    within += 3 * std::get<double>(points[i][0]) * std::get<double>(points[i][1]) / 10'000;
    between += 3 * std::get<double>(points[i][0]) * std::get<double>(points[i + 1][0]) / 10'000;
  }
  EXPECT_NEAR(within, 0, 0.06);
  EXPECT_NEAR(between, 0, 0.06);
}

class FiniteSpace : public ::testing::TestWithParam<Distribution> {};

TEST_P(FiniteSpace, IsTriedWholeBeforeAnyPointComesAgain) {
  const Problem problem = ProblemOf({Whole("n", 1, 12, {}, GetParam()), OneOf("c", {"a", "b", "c"})}, kSeed);
  const auto algorithm = Create("random", problem);
  for (int round = 0; round < 3; ++round) {
    std::set<std::pair<std::string, std::string>> met;
    for (int i = 0; i < 36; i += 4) {
      const std::vector<Point> points = Points(*algorithm, 36 * round + i, 4);
      for (int k = 0; k < 4; ++k) met.emplace(Texts(problem, points, 0)[k], Texts(problem, points, 1)[k]);
    }
    EXPECT_EQ(met.size(), 36u);
  }
}

TEST_P(FiniteSpace, RepeatsInAnotherOrder) {
  const Problem problem = ProblemOf({Whole("n", 1, 12, {}, GetParam())}, kSeed);
  const std::vector<std::string> texts = Texts(problem, Points(*Create("random", problem), 0, 24));
  EXPECT_FALSE(std::equal(texts.begin(), texts.begin() + 12, texts.begin() + 12));
}

INSTANTIATE_TEST_SUITE_P(EvenAndUneven, FiniteSpace,
                         ::testing::Values(Distribution::kUniform, Distribution::kLogUniform,
                                           Distribution::kNormal));

// The first point of a round is an ordinary draw: P(5) = 0.24772 as in parameter_test. Over 4,000 seeds the
// standard deviation of the count is 27.3; six of them.
TEST(RandomSearch, HonoursUnevenChancesInFiniteSpaces) {
  int fives = 0;
  for (int seed = 0; seed < 4000; ++seed) {
    const Problem problem =
        ProblemOf({Whole("n", 1, 10, {}, Distribution::kNormal)}, {{"seed", std::to_string(seed)}});
    fives += Texts(problem, Points(*Create("random", problem), 0, 1))[0] == "5";
  }
  EXPECT_NEAR(fives, 991, 164);
}

TEST(RandomSearch, GoesOnQuicklyAfterABillionPointsOfAnUnevenSpace) {
  const Problem problem =
      ProblemOf({Whole("n", 1, 1e9, {}, Distribution::kNormal), Whole("m", 1, 1e9)}, kSeed);
  EXPECT_EQ(Points(*Create("random", problem), 1'000'000'000'000, 64).size(), 64u);
}

TEST(RandomSearch, DoesNotRepeatInSpacesOf10To30Points) {
  std::vector<Parameter> parameters;
  for (int i = 0; i < 30; ++i)
    parameters.push_back(Whole("p" + std::to_string(i), 0, 9, {}, Distribution::kNormal));
  const Problem problem = ProblemOf(std::move(parameters), kSeed);
  std::set<std::string> met;
  for (const Point& point : Points(*Create("random", problem), 0, 500)) {
    std::string text;
    for (const Value& value : point) text += std::to_string(std::get<std::int64_t>(value));
    met.insert(text);
  }
  EXPECT_EQ(met.size(), 500u);
}

}  // namespace
}  // namespace qalam::algorithms
