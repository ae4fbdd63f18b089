#include "algorithms/space_rules.h"

#include <gmock/gmock.h>

#include <cmath>
#include <set>

#include "algorithms/feasible_points.h"
#include "algorithms/point_numbering.h"
#include "algorithms/shuffled_points.h"
#include "tests/algorithms/support.h"

namespace qalam::algorithms {
namespace {

using ::testing::HasSubstr;
using testing::Must;
using testing::OneOf;
using testing::Real;
using testing::Whole;
using When = Condition::Test;

SearchSpace Box(std::vector<Parameter> parameters) { return Must(SearchSpace::Make(std::move(parameters))); }

// gamma is active for rbf and poly, degree for poly, and coef0 where degree is above 2.
SearchSpace Kernels() {
  const SearchSpace box =
      Box({Real("coef0", 0, 1), Whole("degree", 2, 4), OneOf("kernel", {"linear", "rbf", "poly"}),
           Real("gamma", 1e-4, 1, {}, Distribution::kLogUniform)});
  return Must(box.WithConditions({{0, 1, When::kGreater, {}, 2},
                                  {1, 2, When::kIn, {Choice{2}}, 0},
                                  {3, 2, When::kNotIn, {Choice{0}}, 0}}));
}

TEST(Conditions, MakeParametersInactiveDownTheChain) {
  const SearchSpace space = Kernels();
  const auto active = [&](std::uint32_t kernel, std::int64_t degree) {
    return space.Active({0.3, degree, Choice{kernel}, 0.1});
  };
  EXPECT_EQ(active(0, 4), (std::vector<bool>{false, false, true, false}));
  EXPECT_EQ(active(1, 4), (std::vector<bool>{false, false, true, true}));
  EXPECT_EQ(active(2, 2), (std::vector<bool>{false, true, true, true}));
  EXPECT_EQ(active(2, 3), (std::vector<bool>{true, true, true, true}));
}

TEST(Conditions, GiveInactiveParametersTheirMedianOrTheirFirstEntry) {
  SearchSpace space = Kernels();
  const Point canonical = space.Canonical({0.3, std::int64_t{4}, Choice{0}, 0.5});
  EXPECT_EQ(canonical[0], Value(0.5));
  EXPECT_EQ(canonical[1], Value(std::int64_t{3}));
  EXPECT_NEAR(std::get<double>(canonical[3]), 0.01, 1e-12);  // of a log-uniform one
  EXPECT_FALSE(space.Admits({0.3, std::int64_t{4}, Choice{0}, 0.5}));
  EXPECT_TRUE(space.Admits(canonical));
  space = Must(Box({OneOf("a", {"x", "y"}), OneOf("b", {"p", "q"})})
                   .WithConditions({{1, 0, When::kIn, {Choice{1}}, 0}}));
  EXPECT_EQ(space.Canonical({Choice{0}, Choice{1}}), (Point{Choice{0}, Choice{0}}));
}

TEST(Conditions, RefuseCyclesByTheirNames) {
  const SearchSpace box = Box({Whole("a", 1, 3), Whole("b", 1, 3), Whole("c", 1, 3)});
  const auto status =
      box.WithConditions({{0, 1, When::kLess, {}, 2}, {1, 2, When::kLess, {}, 2}, {2, 0, When::kLess, {}, 2}})
          .status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("conditions form a cycle: a -> b -> c -> a"));
  EXPECT_THAT(std::string(box.WithConditions({{1, 1, When::kLess, {}, 2}}).status().message()),
              HasSubstr("b -> b"));
}

TEST(Conditions, CompareNumbersOnly) {
  const SearchSpace box = Box({OneOf("words", {"1", "2"}), Whole("b", 1, 3)});
  EXPECT_THAT(std::string(box.WithConditions({{1, 0, When::kLess, {}, 2}}).status().message()),
              HasSubstr("parameter words has no numbers"));
}

TEST(LinearConstraints, HoldUpToRounding) {
  const SearchSpace space =
      Must(Box({Real("a", 0, 1), Real("b", 0, 1)}).WithConstraints({{{{0, 1}, {1, 1}}, 0.3, false}}));
  EXPECT_TRUE(space.IsFeasible({0.1, 0.2}));  // 0.1 + 0.2 is above 0.3 in binary
  EXPECT_FALSE(space.IsFeasible({0.1, 0.2000001}));
  const SearchSpace strict =
      Must(Box({Real("a", 0, 1), Real("b", 0, 1)}).WithConstraints({{{{0, 1}, {1, 1}}, 0.3, true}}));
  EXPECT_FALSE(strict.IsFeasible({0.1, 0.2}));
  EXPECT_TRUE(strict.IsFeasible({0.1, 0.1999999}));
}

TEST(LinearConstraints, AskNothingWhereAParameterIsInactive) {
  SearchSpace space = Must(Box({Whole("layers", 1, 2), Whole("first", 1, 9), Whole("second", 1, 9)})
                               .WithConditions({{2, 0, When::kAtLeast, {}, 2}}));
  space = Must(space.WithConstraints({{{{1, 1}, {2, 1}}, 5, false}}));
  EXPECT_TRUE(space.IsFeasible({std::int64_t{1}, std::int64_t{9}, std::int64_t{9}}));
  EXPECT_FALSE(space.IsFeasible({std::int64_t{2}, std::int64_t{9}, std::int64_t{1}}));
}

TEST(LinearConstraints, TakeListsOfNumbersAndNoWords) {
  const SearchSpace box = Box(
      {Must(Parameter::Discrete("batch", {"64", "16", "32"})), OneOf("words", {"1", "2"}), Whole("n", 0, 9)});
  const SearchSpace space = Must(box.WithConstraints({{{{0, 1}, {2, 8}}, 64, false}}));
  EXPECT_TRUE(space.IsFeasible({Choice{1}, Choice{0}, std::int64_t{6}}));
  EXPECT_FALSE(space.IsFeasible({Choice{2}, Choice{0}, std::int64_t{6}}));
  EXPECT_THAT(std::string(box.WithConstraints({{{{1, 1}}, 1, false}}).status().message()),
              HasSubstr("parameter words has no numbers"));
  for (const LinearConstraint& bad :
       {LinearConstraint{{}, 1, false}, LinearConstraint{{{0, 0.0}}, 1, false},
        LinearConstraint{{{0, 1}, {0, 1}}, 1, false}, LinearConstraint{{{7, 1}}, 1, false},
        LinearConstraint{{{0, 1}}, std::nan(""), false}}) {
    EXPECT_EQ(box.WithConstraints({bad}).status().code(), absl::StatusCode::kInvalidArgument);
  }
}

// A simplex of volume 1 / 10! in the unit cube: no draw would fall into it.
TEST(FeasiblePoints, AreDrawnWhereHardlyAnyDrawIsFeasible) {
  std::vector<Parameter> parameters;
  LinearConstraint sum{{}, 1, false};
  for (size_t i = 0; i < 10; ++i) {
    parameters.push_back(Real("x" + std::to_string(i), 0, 1));
    sum.terms.push_back({i, 1});
  }
  const SearchSpace space = Must(Box(std::move(parameters)).WithConstraints({sum}));
  constexpr int kDraws = 400;
  double mean = 0;
  for (std::uint64_t i = 0; i < kDraws; ++i) {
    Rng rng({1, i});
    const std::optional<Point> point = DrawFeasible(space, rng);
    ASSERT_TRUE(point && space.Admits(*point));
    mean += std::get<double>((*point)[3]) / kDraws;
  }
  // Of the uniform distribution on the simplex it is 1/11, with a deviation of 0.083 / 20.
  EXPECT_NEAR(mean, 1.0 / 11, 0.017);
}

// Without a detour over Gibbs' sampler draws are exact: of the triangle a + b <= 1 the mean of a is 1/3.
TEST(FeasiblePoints, AreDrawnFromTheDeclaredDistributionGivenTheConstraints) {
  const SearchSpace space =
      Must(Box({Real("a", 0, 1), Real("b", 0, 1)}).WithConstraints({{{{0, 1}, {1, 1}}, 1, false}}));
  constexpr int kDraws = 4000;
  double mean = 0;
  Rng rng({1});
  for (int i = 0; i < kDraws; ++i) mean += std::get<double>((*DrawFeasible(space, rng))[0]) / kDraws;
  EXPECT_NEAR(mean, 1.0 / 3, 0.015);  // four standard errors: 0.236 / sqrt(4000) = 0.0037
}

TEST(FeasiblePoints, AreRepairedToTheNearestSide) {
  const SearchSpace space =
      Must(Box({Real("a", 0, 1), Real("b", 0, 1)}).WithConstraints({{{{0, 1}, {1, 1}}, 1, false}}));
  const std::optional<Point> repaired = Repair(space, {0.9, 0.7});
  ASSERT_TRUE(repaired);
  EXPECT_NEAR(std::get<double>((*repaired)[0]), 0.6, 1e-6);
  EXPECT_NEAR(std::get<double>((*repaired)[1]), 0.4, 1e-6);
  EXPECT_EQ(Repair(space, {0.2, 0.3}), (Point{0.2, 0.3}));
}

TEST(FeasiblePoints, AreRepairedOnGridsToo) {
  const SearchSpace space =
      Must(Box({Whole("a", 0, 100, 7), Must(Parameter::Discrete("b", {"50", "10", "30"}))})
               .WithConstraints({{{{0, 1}, {1, 1}}, 60, false}, {{{0, -1}}, -20, false}}));
  for (std::int64_t a = 0; a <= 98; a += 7) {
    for (std::uint32_t b = 0; b < 3; ++b) {
      const std::optional<Point> repaired = Repair(space, {a, Choice{b}});
      ASSERT_TRUE(repaired && space.Admits(*repaired)) << a << ' ' << b;
    }
  }
}

TEST(FeasiblePoints, AreNotFoundWhereThereAreNone) {
  const SearchSpace box = Box({Whole("a", 1, 9), Whole("b", 1, 9)});
  // Each holds somewhere, but not both.
  const SearchSpace space =
      Must(box.WithConstraints({{{{0, 1}, {1, 1}}, 6, false}, {{{0, -1}, {1, -1}}, -8, false}}));
  EXPECT_THAT(std::string(CheckFeasible(space).message()),
              HasSubstr("no point that keeps all constraints was found"));
  const SearchSpace never = Must(box.WithConstraints({{{{0, 2}, {1, -1}}, -8, false}}));
  EXPECT_THAT(std::string(CheckFeasible(never).message()),
              HasSubstr("the constraint 2*a - b <= -8: its left side is -7 at least"));
  EXPECT_TRUE(CheckFeasible(Must(box.WithConstraints({{{{0, 1}, {1, 1}}, 2, false}}))).ok());
}

TEST(PointNumbering, CountsEachEffectivePointOnce) {
  // 3 without children, 4 * 5 under "b", 4 under "c".
  SearchSpace space =
      Box({Whole("x", 1, 4), OneOf("root", {"a", "b", "c"}), Whole("y", 1, 5), Whole("z", 1, 3)});
  space = Must(space.WithConditions({{0, 1, When::kNotIn, {Choice{0}}, 0},
                                     {2, 1, When::kIn, {Choice{1}}, 0},
                                     {3, 1, When::kIn, {Choice{0}}, 0}}));
  const std::optional<PointNumbering> points = PointNumbering::Make(space);
  ASSERT_TRUE(points);
  EXPECT_EQ(points->size(), 3u + 20 + 4);
  EXPECT_EQ(CountAdmitted(space), 27u);
  std::set<std::string> seen;
  for (std::uint64_t i = 0; i < points->size(); ++i) {
    const Point point = points->At(i);
    EXPECT_TRUE(space.Admits(point));
    seen.insert(::testing::PrintToString(point));
  }
  EXPECT_EQ(seen.size(), 27u);
  const SearchSpace constrained = Must(space.WithConstraints({{{{0, 1}, {2, 1}}, 3, false}}));
  EXPECT_EQ(CountAdmitted(constrained), 3u + 3 + 4);  // (1, 1), (1, 2) and (2, 1) under "b"
}

TEST(PointNumbering, GivesUpOnWhatCannotBeNumbered) {
  EXPECT_FALSE(PointNumbering::Make(Kernels()));
  const SearchSpace wide = Must(
      Box({Whole("n", 1, 100000), OneOf("c", {"a", "b"})}).WithConditions({{1, 0, When::kGreater, {}, 5}}));
  EXPECT_FALSE(PointNumbering::Make(wide));
  EXPECT_EQ(CountAdmitted(wide), std::nullopt);
}

TEST(Grid, GivesEveryAdmittedPointOnceAndThenIsExhausted) {
  Problem problem = testing::ProblemOf({Whole("x", 1, 4), OneOf("root", {"a", "b"}), Whole("y", 1, 5)});
  problem.space = Must(problem.space.WithConditions({{2, 1, When::kIn, {Choice{1}}, 0}}));
  problem.space = Must(problem.space.WithConstraints({{{{0, 1}, {2, 1}}, 5, false}}));
  const auto grid = testing::Create("grid", problem);
  const std::vector<Point> points = testing::Points(*grid, 0, 14);  // 4, and 4 + 3 + 2 + 1
  std::set<std::string> seen;
  for (const Point& point : points) {
    EXPECT_TRUE(problem.space.Admits(point));
    seen.insert(::testing::PrintToString(point));
  }
  EXPECT_EQ(seen.size(), 14u);
  EXPECT_THAT(
      std::string(grid->Suggest({}, {13, 2, {}}).status().message()),
      HasSubstr("SpaceExhausted: the grid has 14 points, 13 were handed out, 1 are left, 2 were asked"));
  EXPECT_EQ(testing::Points(*grid, 5, 2), (std::vector<Point>{points[5], points[6]}));
  problem.max_trial_count = 15;
  EXPECT_THAT(std::string((*FindAlgorithm("grid"))->validate(problem).message()),
              HasSubstr("max_trial_count 15 is greater than the number of combinations 14"));
}

TEST(Random, RepeatsNothingBeforeAllEffectivePointsHaveCome) {
  Problem problem = testing::ProblemOf({Whole("x", 1, 4), OneOf("root", {"a", "b"}), Whole("y", 1, 5)});
  problem.space = Must(problem.space.WithConditions({{2, 1, When::kIn, {Choice{1}}, 0}}));
  std::set<std::string> seen;
  for (const Point& point : testing::Points(*testing::Create("random", problem), 0, 24)) {
    seen.insert(::testing::PrintToString(point));
  }
  EXPECT_EQ(seen.size(), 24u);
}

}  // namespace
}  // namespace qalam::algorithms
