#include "algorithms/axis.h"

#include "tests/algorithms/support.h"

namespace qalam::algorithms {
namespace {

using testing::Must;
using testing::OneOf;
using testing::Real;
using testing::Whole;

TEST(Axis, TakesTheQuantileOfContinuousParameters) {
  const Axis axis(Real("x", 1e-4, 1, {}, Distribution::kLogUniform));
  EXPECT_EQ(axis.kind(), Axis::Kind::kContinuous);
  EXPECT_EQ(axis.size(), 0u);
  EXPECT_NEAR(axis.Encode(1e-2), 0.5, 1e-12);
  EXPECT_NEAR(std::get<double>(axis.Decode(0.25)), 1e-3, 1e-12);
  EXPECT_EQ(std::get<double>(axis.Decode(-3)), 1e-4);
  EXPECT_EQ(std::get<double>(axis.Decode(1)), 1);
}

TEST(Axis, NumbersFiniteValuesAndKnowsTheirShares) {
  const Axis axis(Whole("n", 1, 9, {}, Distribution::kNormal));
  EXPECT_EQ(axis.kind(), Axis::Kind::kOrdered);
  EXPECT_EQ(axis.Encode(std::int64_t{1}), 0);
  double edge = 0;
  for (double code = 0; code < 9; ++code) {
    const auto [lower, upper] = axis.CellOf(code);
    EXPECT_EQ(lower, edge);
    EXPECT_EQ(axis.CodeAt(axis.Position(code)), code);
    EXPECT_EQ(axis.Encode(axis.Decode(code)), code);
    edge = upper;
  }
  EXPECT_EQ(edge, 1);
  // The middle value of a normal with standard deviation 8 / 6, cut off half a step beyond the ends.
  const auto middle = axis.CellOf(4);
  EXPECT_NEAR(middle.upper - middle.lower,
              std::erf(0.5 * 6 / 8 / std::sqrt(2)) / std::erf(4.5 * 6 / 8 / std::sqrt(2)), 1e-12);
}

TEST(Axis, OrdersDiscreteNumbersOnly) {
  const Axis numbers(Must(Parameter::Discrete("d", {"16", "2.5", "128", "-1"})));
  EXPECT_EQ(numbers.kind(), Axis::Kind::kOrdered);
  const double ranks[] = {2, 1, 3, 0};
  for (std::uint32_t i = 0; i < 4; ++i) {
    EXPECT_EQ(numbers.Encode(Choice{i}), ranks[i]);
    EXPECT_EQ(std::get<Choice>(numbers.Decode(ranks[i])), Choice{i});
  }
  EXPECT_EQ(Axis(Must(Parameter::Discrete("d", {"16", "nan", "2"}))).kind(), Axis::Kind::kUnordered);
  EXPECT_EQ(Axis(OneOf("c", {"1", "2", "3"})).kind(), Axis::Kind::kUnordered);
}

TEST(Axis, CodesWholePoints) {
  const SearchSpace space =
      Must(SearchSpace::Make({Whole("n", 10, 30, 10), Real("x", 0, 4), OneOf("c", {"a", "b"})}));
  const std::vector<Axis> axes = AxesOf(space);
  const Point point = {std::int64_t{30}, 1.0, Choice{1}};
  EXPECT_EQ(Encode(axes, point), (std::vector<double>{2, 0.25, 1}));
  EXPECT_EQ(Decode(axes, Encode(axes, point)), point);
}

}  // namespace
}  // namespace qalam::algorithms
