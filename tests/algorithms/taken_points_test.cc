#include "algorithms/taken_points.h"

#include "tests/algorithms/support.h"

namespace qalam::algorithms {
namespace {

using testing::OneOf;
using testing::ProblemOf;
using testing::Real;
using testing::Whole;

TEST(TakenPoints, HoldsWhateverBecameOfAPoint) {
  const Problem problem = ProblemOf({Whole("n", 1, 9), Real("x", 0, 1)});
  Observations seen;
  seen.finished = {{{std::int64_t{1}, 0.1}, 3, false}};
  seen.pending = {{std::int64_t{2}, 0.2}};
  seen.failed = {{std::int64_t{3}, 0.3}};
  const TakenPoints taken(problem.space, seen);
  EXPECT_TRUE(taken.Contains({std::int64_t{1}, 0.1}));
  EXPECT_TRUE(taken.Contains({std::int64_t{2}, 0.2}));
  EXPECT_TRUE(taken.Contains({std::int64_t{3}, 0.3}));
  EXPECT_FALSE(taken.Contains({std::int64_t{1}, 0.2}));
  EXPECT_EQ(taken.AnyFree(1), std::nullopt);  // not finite
}

TEST(TakenPoints, KnowsPointsOffTheGridByTheirGridValue) {
  const Problem problem = ProblemOf({Real("x", 0, 1, 0.25)});
  TakenPoints taken(problem.space);
  taken.Add({0.24});
  EXPECT_TRUE(taken.Contains({0.25}));
  EXPECT_FALSE(taken.Contains({0.5}));
}

TEST(TakenPoints, FindsEveryFreePointAndThenNone) {
  const Problem problem = ProblemOf({Whole("n", 1, 9), OneOf("c", {"a", "b", "c"})});
  TakenPoints taken(problem.space);
  for (int i = 0; i < 27; ++i) {
    const std::optional<Point> free = taken.AnyFree(5);
    ASSERT_TRUE(free);
    ASSERT_FALSE(taken.Contains(*free)) << i;
    taken.Add(*free);
  }
  EXPECT_EQ(taken.AnyFree(5), std::nullopt);
}

}  // namespace
}  // namespace qalam::algorithms
