#include "algorithms/sobol_search.h"

#include <gmock/gmock.h>

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

// 256 points are a net: each of 256 equal cells of each coordinate, of the declared distribution, holds one.
TEST(SobolSearch, StratifiesEveryDistribution) {
  const Problem problem = ProblemOf({Real("u", -4, 9), Real("lu", 1e-6, 10, {}, Distribution::kLogUniform),
                                     Real("n", 3, 9, {}, Distribution::kNormal),
                                     Real("ln", 0.5, 800, {}, Distribution::kLogNormal)});
  const auto algorithm = Create("sobol", problem);
  std::vector<Point> points;
  for (int i = 0; i < 256; i += 8) {  // batches continue one sequence
    for (Point& point : Points(*algorithm, i, 8)) points.push_back(std::move(point));
  }
  for (size_t j = 0; j < 4; ++j) {
    std::set<int> cells;
    for (const Point& point : points) {
      cells.insert(static_cast<int>(256 * problem.space.parameters()[j].ToUnit(point[j])));
    }
    EXPECT_EQ(cells.size(), 256u) << problem.space.parameters()[j].name();
  }
}

TEST(SobolSearch, GivesListEntriesAndIntsEqually) {
  const Problem problem = ProblemOf({OneOf("c", {"a", "b", "c", "d"}), Whole("n", 1, 8)});
  const std::vector<Point> points = Points(*Create("sobol", problem), 0, 64);
  std::map<std::string, int> choices, numbers;
  for (const std::string& text : Texts(problem, points, 0)) ++choices[text];
  for (const std::string& text : Texts(problem, points, 1)) ++numbers[text];
  for (const auto& [text, count] : choices) EXPECT_EQ(count, 16) << text;
  EXPECT_EQ(numbers.size(), 8u);
  for (const auto& [text, count] : numbers) EXPECT_EQ(count, 8) << text;
}

// Integral of the product of (0.5 + u_j) over 4 dimensions is 1, variance per point (1 + 1/12)^4 - 1 = 0.377.
// The root mean square error of 512 random points is sqrt(0.377 / 512) = 0.0271; measured here over 20 seeds:
// 0.0009.
TEST(SobolSearch, IntegratesTenTimesBetterThanRandomPoints) {
  double squares = 0;
  for (int seed = 0; seed < 20; ++seed) {
    const Problem problem = ProblemOf({Real("a", 0, 1), Real("b", 0, 1), Real("c", 0, 1), Real("d", 0, 1)},
                                      {{"seed", std::to_string(seed)}});
    double sum = 0;
    for (const Point& point : Points(*Create("sobol", problem), 0, 512)) {
      double product = 1;
      for (const Value& value : point) product *= 0.5 + std::get<double>(value);
      sum += product;
    }
    squares += std::pow(sum / 512 - 1, 2);
  }
  RecordProperty("rms", std::to_string(std::sqrt(squares / 20)));
  EXPECT_LT(std::sqrt(squares / 20), 0.00271);
}

TEST(SobolSearch, IgnoresOtherSettings) {
  EXPECT_TRUE(sobol_search::Validate(ProblemOf({Real("x", 0, 1)}, {{"anything", "x"}})).ok());
}

TEST(SobolSearch, RefusesMoreDimensionsThanThereAreDirectionNumbers) {
  std::vector<Parameter> parameters;
  for (int i = 0; i < 3668; ++i) parameters.push_back(Real("p" + std::to_string(i), 0, 1));
  const Problem problem = ProblemOf(std::move(parameters));
  for (const absl::Status& status :
       {sobol_search::Validate(problem), sobol_search::Create(problem).status()}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("at most 3667 parameters, got 3668"));
  }
}

}  // namespace
}  // namespace qalam::algorithms
