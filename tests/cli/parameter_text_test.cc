#include "cli/parameter_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace qalam::cli {
namespace {

using api::Distribution;
using api::ParameterType;
using testing::ElementsAre;
using testing::HasSubstr;

api::ParameterSpec Parsed(std::string_view text) {
  const auto parameter = ParseParameter(text);
  EXPECT_TRUE(parameter.ok()) << text << ": " << parameter.status();
  return parameter.value_or(api::ParameterSpec{});
}

struct RangeCase {
  const char* text;
  ParameterType type;
  Distribution distribution;
  const char *min, *max, *step;
};

class Range : public testing::TestWithParam<RangeCase> {};

TEST_P(Range, IsReadAs) {
  const api::ParameterSpec parameter = Parsed(GetParam().text);
  EXPECT_EQ(parameter.name, "x");
  EXPECT_EQ(parameter.type, GetParam().type);
  EXPECT_EQ(parameter.feasible_space.distribution, GetParam().distribution);
  EXPECT_EQ(parameter.feasible_space.min, GetParam().min);
  EXPECT_EQ(parameter.feasible_space.max, GetParam().max);
  EXPECT_EQ(parameter.feasible_space.step, GetParam().step);
  EXPECT_TRUE(parameter.feasible_space.list.empty());
}

INSTANTIATE_TEST_SUITE_P(
    All, Range,
    testing::Values(
        RangeCase{"x=1..4", ParameterType::kInt, Distribution::kUnset, "1", "4", ""},
        RangeCase{"x=-4..-1", ParameterType::kInt, Distribution::kUnset, "-4", "-1", ""},
        RangeCase{"x=3..3", ParameterType::kInt, Distribution::kUnset, "3", "3", ""},
        RangeCase{"x=0..1.0", ParameterType::kDouble, Distribution::kUnset, "0", "1.0", ""},
        RangeCase{"x=.1...5", ParameterType::kDouble, Distribution::kUnset, ".1", ".5", ""},
        RangeCase{"x=1e2..1e4", ParameterType::kDouble, Distribution::kUnset, "1e2", "1e4", ""},
        RangeCase{"x=log:1e-5..1e-1", ParameterType::kDouble, Distribution::kLogUniform, "1e-5", "1e-1", ""},
        RangeCase{"x=log:16..1024", ParameterType::kInt, Distribution::kLogUniform, "16", "1024", ""},
        RangeCase{"x=int:log:16..1024", ParameterType::kInt, Distribution::kLogUniform, "16", "1024", ""},
        RangeCase{"x=log:double:1..10", ParameterType::kDouble, Distribution::kLogUniform, "1", "10", ""},
        RangeCase{"x=float:1..4", ParameterType::kDouble, Distribution::kUnset, "1", "4", ""},
        RangeCase{"x=normal:-3..3", ParameterType::kInt, Distribution::kNormal, "-3", "3", ""},
        RangeCase{"x=lognormal:0.1..10", ParameterType::kDouble, Distribution::kLogNormal, "0.1", "10", ""},
        RangeCase{"x=uniform:0..1", ParameterType::kInt, Distribution::kUniform, "0", "1", ""},
        RangeCase{"x=0..0.5/0.1", ParameterType::kDouble, Distribution::kUnset, "0", "0.5", "0.1"},
        RangeCase{"x=8..64/8", ParameterType::kInt, Distribution::kUnset, "8", "64", "8"},
        RangeCase{"x=1..2/0.5", ParameterType::kDouble, Distribution::kUnset, "1", "2", "0.5"},
        RangeCase{" x = 1 .. 4 / 2 ", ParameterType::kInt, Distribution::kUnset, "1", "4", "2"}),
    [](const auto& test) { return "Case" + std::to_string(test.index); });

TEST(ParseParameter, AListIsCategoricalUnlessItSaysDiscrete) {
  EXPECT_EQ(Parsed("opt=adam, sgd").type, ParameterType::kCategorical);
  EXPECT_THAT(Parsed("opt=adam, sgd").feasible_space.list, ElementsAre("adam", "sgd"));
  EXPECT_EQ(Parsed("n=1,2,4").type, ParameterType::kCategorical);
  EXPECT_EQ(Parsed("n=discrete:1,2,4").type, ParameterType::kDiscrete);
  EXPECT_THAT(Parsed("n=discrete:1,2,4").feasible_space.list, ElementsAre("1", "2", "4"));
  EXPECT_THAT(Parsed("n=discrete:1").feasible_space.list, ElementsAre("1"));
}

TEST(ParseParameter, CategoricalTakesChoicesThatLookLikeSomethingElse) {
  EXPECT_THAT(Parsed("x=categorical:1..2,log:3").feasible_space.list, ElementsAre("1..2", "log:3"));
  EXPECT_THAT(Parsed("x=../a,../b").feasible_space.list, ElementsAre("../a", "../b"));
  EXPECT_THAT(Parsed("x=http://a,http://b").feasible_space.list, ElementsAre("http://a", "http://b"));
  EXPECT_THAT(Parsed("x=a=1,b=2").feasible_space.list, ElementsAre("a=1", "b=2"));
}

struct ErrorCase {
  const char *text, *message;
};

class BadParameter : public testing::TestWithParam<ErrorCase> {};

TEST_P(BadParameter, SaysWhatWasExpected) {
  const auto parameter = ParseParameter(GetParam().text);
  EXPECT_EQ(parameter.status().code(), absl::StatusCode::kInvalidArgument) << GetParam().text;
  EXPECT_THAT(std::string(parameter.status().message()), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadParameter,
    testing::Values(
        ErrorCase{"", "must be NAME=VALUES"}, ErrorCase{"lr", "must be NAME=VALUES"},
        ErrorCase{"=1..2", "must begin with a letter"}, ErrorCase{"1x=1..2", "must begin with a letter"},
        ErrorCase{"a b=1..2", "must begin with a letter"}, ErrorCase{"lr=", "has no values"},
        ErrorCase{"lr=log:", "has no values"}, ErrorCase{"lr=0.1", "neither a range a..b nor a list"},
        ErrorCase{"lr=a..b", "\"a\" is no number"}, ErrorCase{"lr=1..", "\"\" is no number"},
        ErrorCase{"lr=..1", "\"\" is no number"}, ErrorCase{"lr=0..inf", "\"inf\" is no number"},
        ErrorCase{"lr=nan..1", "\"nan\" is no number"},
        ErrorCase{"lr=lgo:1e-5..1", "unknown prefix in \"lgo:1e-5\""},
        ErrorCase{"lr=4..1", "the lower end 4 is above the upper end 1"},
        ErrorCase{"lr=log:0..1", "needs a lower end above 0, got 0"},
        ErrorCase{"lr=lognormal:-1..1", "needs a lower end above 0, got -1"},
        ErrorCase{"n=int:1..4.5", "needs integers at both ends"},
        ErrorCase{"n=int:1..4/0.5", "step of an int must be an integer"},
        ErrorCase{"n=1..4/0", "the step must be a number above 0"},
        ErrorCase{"n=1..4/x", "the step must be a number above 0"},
        ErrorCase{"n=1..4/", "the step must be a number above 0"}, ErrorCase{"n=int:float:1..4", "two types"},
        ErrorCase{"n=log:normal:1..4", "two distributions"}, ErrorCase{"o=a,,b", "has an empty entry"},
        ErrorCase{"o=a,b,", "has an empty entry"}, ErrorCase{"o=a,b,a", "has \"a\" twice"},
        ErrorCase{"o=log:a,b", "a list has no distribution"}, ErrorCase{"o=int:1,2", "write discrete:1,2"},
        ErrorCase{"o=discrete:1,two", "must be numbers, got \"two\""}),
    [](const auto& test) { return "Case" + std::to_string(test.index); });

}  // namespace
}  // namespace qalam::cli
