#include "algorithms/failure_region.h"

#include <gtest/gtest.h>

#include "algorithms/random_engine.h"
#include "support.h"

namespace qalam::algorithms {
namespace {

using testing::Create;
using testing::OneOf;
using testing::Points;
using testing::ProblemOf;
using testing::Real;
using testing::Whole;

Problem Space() {
  return ProblemOf({Real("lr", 1e-4, 1, {}, Distribution::kLogUniform), OneOf("opt", {"adam", "sgd", "rms"}),
                    Whole("layers", 1, 8)},
                   {{"random_state", "3"}});
}

// 60 random points and which of them fail.
struct Trials {
  Problem problem = Space();
  std::vector<Point> points = Points(*Create("random", problem), 0, 60);

  template <class Fails>
  std::optional<FailureRegion> Region(Fails fails) const {
    std::vector<bool> failed;
    for (const Point& point : points)
      failed.push_back(fails(std::get<double>(point[0]), std::get<Choice>(point[1]).index,
                             std::get<std::int64_t>(point[2])));
    return FindFailureRegion(problem.space, points, failed);
  }
};

TEST(FailureRegion, FindsTheIntervalOfAParameter) {
  const auto region = Trials().Region([](double lr, auto, auto) { return lr > 0.1; });
  ASSERT_TRUE(region.has_value());
  ASSERT_EQ(region->sides.size(), 1u);
  EXPECT_EQ(region->sides[0].parameter, 0u);
  EXPECT_GT(std::get<double>(*region->sides[0].lower), 0.1);
  EXPECT_LT(std::get<double>(*region->sides[0].lower), 0.2);
  EXPECT_FALSE(region->sides[0].upper.has_value());
  EXPECT_EQ(region->failed_inside, region->inside);
  EXPECT_EQ(region->failed_outside, 0);
  EXPECT_EQ(region->inside + region->outside, 60);
  EXPECT_LT(region->p_value, 1e-6);
}

TEST(FailureRegion, FindsAnIntervalInTheMiddleAndOneCategory) {
  const auto middle = Trials().Region([](auto, auto, auto layers) { return layers >= 3 && layers <= 5; });
  ASSERT_TRUE(middle.has_value());
  EXPECT_EQ(middle->sides[0].parameter, 2u);
  EXPECT_EQ(std::get<std::int64_t>(*middle->sides[0].lower), 3);
  EXPECT_EQ(std::get<std::int64_t>(*middle->sides[0].upper), 5);
  const auto category = Trials().Region([](auto, auto opt, auto) { return opt == 2; });
  ASSERT_TRUE(category.has_value());
  ASSERT_EQ(category->sides.size(), 1u);
  EXPECT_EQ(category->sides[0].lower, Value(Choice{2}));
  EXPECT_EQ(category->sides[0].upper, Value(Choice{2}));
}

TEST(FailureRegion, FindsWhatTwoParametersHaveToDoWithIt) {
  const auto region = Trials().Region([](double lr, auto opt, auto) { return lr > 0.01 && opt == 1; });
  ASSERT_TRUE(region.has_value());
  ASSERT_EQ(region->sides.size(), 2u);
  EXPECT_NE(region->sides[0].parameter, region->sides[1].parameter);
  EXPECT_EQ(region->failed_inside, region->inside);
  EXPECT_EQ(region->failed_outside, 0);
}

TEST(FailureRegion, ToleratesExceptions) {
  int number = 0;
  const auto region =
      Trials().Region([&](double lr, auto, auto) { return (lr > 0.1) != (++number % 20 == 0); });
  ASSERT_TRUE(region.has_value());
  EXPECT_EQ(region->sides[0].parameter, 0u);
  EXPECT_GT(region->failed_outside + region->inside - region->failed_inside, 0);
}

TEST(FailureRegion, IsNothingWhereAllOrNoneOrTooFewFail) {
  EXPECT_FALSE(Trials().Region([](auto, auto, auto) { return false; }).has_value());
  EXPECT_FALSE(Trials().Region([](auto, auto, auto) { return true; }).has_value());
  int number = 0;
  EXPECT_FALSE(Trials().Region([&](auto, auto, auto) { return number++ == 7; }).has_value());
  EXPECT_FALSE(FindFailureRegion(Space().space, {}, {}).has_value());
}

// At the level of 0.01 chance alone gives 2 reports in 200 looks on average; more than 7 come once in 900 times.
TEST(FailureRegion, SeldomSeesOneInChance) {
  int reports = 0;
  for (int seed = 0; seed < 200; ++seed) {
    Rng rng({static_cast<std::uint64_t>(seed), 1, 2});
    reports += Trials().Region([&](auto, auto, auto) { return rng.Uniform() < 0.3; }).has_value();
  }
  EXPECT_LE(reports, 7);
}

// All 10 failures of 20 in one of two categories: 1 of 20 choose 10 ways, and two regions were looked at.
TEST(FailureRegion, CountsWhatItLooksAt) {
  const Problem problem = ProblemOf({OneOf("c", {"a", "b"})});
  std::vector<Point> points;
  std::vector<bool> failed;
  for (int i = 0; i < 20; ++i) {
    points.push_back({Choice{static_cast<std::uint32_t>(i % 2)}});
    failed.push_back(i % 2 == 0);
  }
  const auto region = FindFailureRegion(problem.space, points, failed);
  ASSERT_TRUE(region.has_value());
  EXPECT_NEAR(region->p_value, 2.0 / 184756, 1e-12);
}

}  // namespace
}  // namespace qalam::algorithms
