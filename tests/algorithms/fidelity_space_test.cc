#include "algorithms/fidelity_space.h"

#include <gmock/gmock.h>

#include "tests/algorithms/support.h"

namespace qalam::algorithms {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::Must;
using testing::OneOf;
using testing::Real;
using testing::Whole;

std::vector<double> LevelsOf(Parameter resource, const HalvingSettings& settings) {
  const FidelitySpace space = Must(
      FidelitySpace::Make(Must(SearchSpace::Make({OneOf("c", {"a", "b"}), std::move(resource)})), settings));
  std::vector<double> levels;
  for (int level = 0; level < space.levels(); ++level) levels.push_back(space.resource(level));
  return levels;
}

std::string Refusal(Parameter resource, const HalvingSettings& settings) {
  const auto space = FidelitySpace::Make(Must(SearchSpace::Make({std::move(resource)})), settings);
  EXPECT_EQ(space.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(space.status().message());
}

TEST(FidelitySpace, LevelsGoDownFromTheLargestResource) {
  EXPECT_THAT(LevelsOf(Whole("r", 1, 81), {"r", 81, {}, 3}), ElementsAre(1, 3, 9, 27, 81));
  EXPECT_THAT(LevelsOf(Whole("r", 1, 100), {"r", 100, {}, 3}), ElementsAre(1, 3, 11, 33, 100));
  EXPECT_THAT(LevelsOf(Whole("r", 1, 100), {"r", {}, 10, 3}), ElementsAre(11, 33, 100));
  EXPECT_THAT(LevelsOf(Real("r", 0, 1), {"r", 0.5, 0.1, 2}), ElementsAre(0.125, 0.25, 0.5));
  EXPECT_THAT(LevelsOf(Real("r", 0, 9), {"r", {}, {}, 3}), ElementsAre(1, 3, 9));
  EXPECT_THAT(LevelsOf(Whole("r", 1, 81), {"r", 2.5, {}, 3}), ElementsAre(2));
}

TEST(FidelitySpace, LevelsKeepToTheParametersMinAndGrid) {
  EXPECT_THAT(LevelsOf(Whole("r", 5, 81), {"r", 81, {}, 3}), ElementsAre(9, 27, 81));
  EXPECT_THAT(LevelsOf(Whole("r", 10, 100, 10), {"r", 100, {}, 3}), ElementsAre(10, 30, 100));
  EXPECT_THAT(LevelsOf(Whole("r", 1, 8), {"r", 8, {}, 1.5}), ElementsAre(1, 2, 3, 5, 8));
}

TEST(FidelitySpace, RefusesWhatCannotBe) {
  EXPECT_THAT(Refusal(Whole("r", 1, 9), {"epochs", 9, {}, 3}),
              HasSubstr("resource_name must be the name of a parameter, got 'epochs'"));
  EXPECT_THAT(Refusal(OneOf("r", {"1", "9"}), {"r", 9, {}, 3}), HasSubstr("int or double parameter"));
  EXPECT_THAT(Refusal(Whole("r", 1, 9), {"r", 10, {}, 3}),
              HasSubstr("within 1 .. 9, the range of parameter r, got 10"));
  EXPECT_THAT(Refusal(Whole("r", 3, 9), {"r", 2, {}, 3}), HasSubstr("got 2"));
  EXPECT_THAT(Refusal(Real("r", -9, -1), {"r", {}, {}, 3}), HasSubstr("must be above 0"));
  EXPECT_THAT(Refusal(Whole("r", 1, 9), {"r", 9, 10, 3}),
              HasSubstr("r_min must be above 0 and within 1 .. 9, got 10"));
  EXPECT_THAT(Refusal(Whole("r", 3, 9), {"r", 9, 2, 3}), HasSubstr("within 3 .. 9, got 2"));
  EXPECT_THAT(Refusal(Whole("r", 1, 9), {"r", 9, {}, 1.0000001}), HasSubstr("eta must be larger"));
}

TEST(FidelitySpace, TakesPointsApartAndPutsThemTogether) {
  const SearchSpace whole =
      Must(SearchSpace::Make({Real("a", 0, 1), Whole("r", 1, 27), OneOf("c", {"x", "y"})}));
  const FidelitySpace space = Must(FidelitySpace::Make(whole, {"r", 27, {}, 3}));
  const Point configuration = {0.25, Choice{1}};
  const Point point = {0.25, std::int64_t{9}, Choice{1}};
  EXPECT_EQ(space.At(configuration, 2), point);
  EXPECT_EQ(space.ConfigurationOf(point), configuration);
  EXPECT_EQ(space.LevelOf(point), 2);
  EXPECT_EQ(space.LevelOf({0.25, std::int64_t{8}, Choice{1}}), 1);
  EXPECT_EQ(space.configurations().size(), 2u);
}

TEST(FidelitySpace, APointBelowTheLowestLevelHasNone) {
  const FidelitySpace space =
      Must(FidelitySpace::Make(Must(SearchSpace::Make({Whole("r", 1, 81)})), {"r", 81, 9, 3}));
  EXPECT_EQ(space.LevelOf({std::int64_t{8}}), std::nullopt);
  EXPECT_EQ(space.LevelOf({std::int64_t{9}}), 0);
}

// The resource "r" is between the parameters that the rules are about.
SearchSpace Ruled(Parameter resource) {
  const SearchSpace space = Must(
      SearchSpace::Make({OneOf("c", {"a", "b"}), std::move(resource), Whole("m", 1, 4), Whole("n", 1, 4)}));
  const SearchSpace conditional = Must(space.WithConditions(
      {{.parameter = 2, .parent = 0, .test = Condition::Test::kIn, .values = {Choice{1}}}}));
  return Must(conditional.WithConstraints({{{{2, 1}, {3, -1}}, 0, false}}));
}

TEST(FidelitySpace, ConfigurationsKeepTheRules) {
  const FidelitySpace space = Must(FidelitySpace::Make(Ruled(Whole("r", 1, 9)), {"r", 9, {}, 3}));
  const std::int64_t one = 1, three = 3, four = 4;
  EXPECT_TRUE(space.configurations().Admits({Choice{1}, three, four}));
  EXPECT_FALSE(space.configurations().Admits({Choice{1}, four, three}));
  EXPECT_EQ(space.count(), 4u + 10u);  // n alone; m <= n
  EXPECT_EQ(space.ConfigurationOf({Choice{0}, one, four, one}),
            space.ConfigurationOf({Choice{0}, one, one, one}));
}

TEST(FidelitySpace, RefusesRulesAboutTheResource) {
  const SearchSpace space = Must(SearchSpace::Make({Whole("m", 1, 4), Whole("r", 1, 9)}));
  const HalvingSettings settings = {"r", 9, {}, 3};
  const auto refusal = [&](const SearchSpace& ruled) {
    return std::string(FidelitySpace::Make(ruled, settings).status().message());
  };
  const auto kept = HasSubstr("a parameter without conditions and constraints, r has some");
  EXPECT_THAT(refusal(Must(space.WithConstraints({{{{0, 1}, {1, 1}}, 10, false}}))), kept);
  for (const auto& [child, parent] : {std::pair<size_t, size_t>(0, 1), {1, 0}}) {
    EXPECT_THAT(refusal(Must(space.WithConditions({{.parameter = child,
                                                    .parent = parent,
                                                    .test = Condition::Test::kLess,
                                                    .values = {},
                                                    .bound = 3}}))),
                kept);
  }
}

TEST(FreeResource, KeepsTheRules) {
  SearchSpace space = Ruled(Whole("r", 1, 1));
  FreeResource({"r", 9, {}, 3}, space);
  EXPECT_EQ(space.parameters()[1].range().max, 9);
  EXPECT_EQ(space.conditions().size(), 1u);
  EXPECT_EQ(space.constraints().size(), 1u);
}

// Katib's example has num-epochs from 1 to 1 and r_l 2.
TEST(FreeResource, LetsAResourceOfOneValueRange) {
  const auto freed = [](Parameter parameter, const HalvingSettings& settings) {
    SearchSpace space = Must(SearchSpace::Make({OneOf("c", {"a"}), std::move(parameter)}));
    FreeResource(settings, space);
    const Range& range = space.parameters()[1].range();
    return std::pair(range.min, range.max);
  };
  EXPECT_EQ(freed(Whole("r", 1, 1), {"r", 2, {}, 2}), std::pair(1.0, 2.0));
  EXPECT_EQ(freed(Whole("r", 20, 20), {"r", 9, {}, 3}), std::pair(1.0, 20.0));
  EXPECT_EQ(freed(Real("r", 0.5, 0.5), {"r", 8, 0.25, 2}), std::pair(0.25, 8.0));
  EXPECT_EQ(freed(Whole("r", 1, 5), {"r", 9, {}, 3}), std::pair(1.0, 5.0));
  EXPECT_EQ(freed(Whole("r", 3, 3), {"other", 9, {}, 3}), std::pair(3.0, 3.0));
}

}  // namespace
}  // namespace qalam::algorithms
