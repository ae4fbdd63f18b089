#include "algorithms/search_space.h"

#include <gmock/gmock.h>

#include "tests/algorithms/support.h"

namespace qalam::algorithms {
namespace {

using testing::Must;
using testing::OneOf;
using testing::Real;
using testing::Whole;

TEST(SearchSpace, RefusesTwoParametersOfOneName) {
  const auto space = SearchSpace::Make({Whole("n", 1, 2), Real("n", 0, 1)});
  EXPECT_EQ(space.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(space.status().message()), ::testing::HasSubstr("parameter n: two parameters"));
}

TEST(SearchSpace, MultipliesCardinalities) {
  EXPECT_EQ(Must(SearchSpace::Make({Whole("a", 1, 10), OneOf("b", {"x", "y"}), Real("c", 0, 1, 0.1)}))
                .combinations(),
            220u);
  EXPECT_EQ(Must(SearchSpace::Make({Whole("a", 1, 10), Real("b", 0, 1)})).combinations(), std::nullopt);
  EXPECT_EQ(SearchSpace().combinations(), 1u);
}

TEST(SearchSpace, SaturatesHugeProducts) {
  std::vector<Parameter> parameters;
  for (int i = 0; i < 100; ++i) parameters.push_back(Whole("p" + std::to_string(i), 1, 10));
  EXPECT_EQ(Must(SearchSpace::Make(parameters)).combinations(), SearchSpace::kManyCombinations);
  EXPECT_EQ(Must(SearchSpace::Make({Whole("a", 0, 1e15), Whole("b", 1, 9223)})).combinations(),
            9223000000000009223u);
  EXPECT_EQ(Must(SearchSpace::Make({Whole("a", 0, 1e15), Whole("b", 1, 9224)})).combinations(),
            SearchSpace::kManyCombinations);
}

TEST(SearchSpace, MapsTheUnitCubeCoordinateByCoordinate) {
  const SearchSpace space = Must(SearchSpace::Make({Whole("a", 1, 4), Real("b", 0, 8)}));
  const std::vector<double> u = {0.875, 0.25};
  const Point point = space.FromUnit(u);
  EXPECT_EQ(point, (Point{std::int64_t{4}, 2.0}));
  EXPECT_EQ(space.ToUnit(point), u);
}

TEST(SearchSpace, IsUniformOnlyIfEveryParameterIs) {
  EXPECT_TRUE(Must(SearchSpace::Make({Whole("a", 1, 4), OneOf("b", {"x"})})).is_uniform());
  EXPECT_FALSE(Must(SearchSpace::Make({Whole("a", 1, 4, {}, Distribution::kNormal)})).is_uniform());
}

}  // namespace
}  // namespace qalam::algorithms
