#include "algorithms/parameter.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "tests/algorithms/support.h"

namespace qalam::algorithms {
namespace {

using ::testing::HasSubstr;
using testing::OneOf;
using testing::Real;
using testing::Whole;

std::string Message(const absl::StatusOr<Parameter>& parameter) {
  EXPECT_EQ(parameter.status().code(), absl::StatusCode::kInvalidArgument) << parameter.status();
  return std::string(parameter.status().message());
}

TEST(Parameter, RefusesBadRangesNamingTheParameterAndTheValue) {
  EXPECT_EQ(Message(Parameter::Double("lr", {3, 1})),
            "parameter lr: min must not be above max, got min 3 and max 1");
  EXPECT_EQ(Message(Parameter::Double("lr", {0, 1, 0.0})),
            "parameter lr: step must be greater than zero, got 0");
  EXPECT_EQ(Message(Parameter::Int("n", {0, 10, -2.0})),
            "parameter n: step must be greater than zero, got -2");
  EXPECT_THAT(Message(Parameter::Double("lr", {0, 1, {}, Distribution::kLogUniform})),
              HasSubstr("lr: logUniform needs min greater than zero, got 0"));
  EXPECT_THAT(Message(Parameter::Int("n", {-1, 5, {}, Distribution::kLogNormal})),
              HasSubstr("n: logNormal needs min greater than zero, got -1"));
  EXPECT_THAT(Message(Parameter::Double("lr", {std::nan(""), 1})),
              HasSubstr("lr: min must be a finite number, got nan"));
  EXPECT_THAT(Message(Parameter::Double("lr", {0, std::numeric_limits<double>::infinity()})),
              HasSubstr("got inf"));
  EXPECT_THAT(Message(Parameter::Double("lr", {0, 1, std::nan("")})), HasSubstr("step must be"));
  EXPECT_THAT(Message(Parameter::Double("lr", {0, 1, 1e-20})),
              HasSubstr("lr: step 1e-20 makes more than 2^53 values"));
  EXPECT_THAT(Message(Parameter::Double("", {0, 1})), HasSubstr("no name"));
}

TEST(Parameter, RefusesIntsThatAreNotWhole) {
  EXPECT_THAT(Message(Parameter::Int("n", {0.5, 3})),
              HasSubstr("parameter n: bounds of an int must be whole"));
  EXPECT_THAT(Message(Parameter::Int("n", {0, 2e15})),
              HasSubstr("at most 1e15 in size, got 2000000000000000"));
  EXPECT_THAT(Message(Parameter::Int("n", {0, 9, 2.5})),
              HasSubstr("step of an int must be a whole number, got 2.5"));
}

TEST(Parameter, RefusesListsThatAreEmptyOrRepeat) {
  EXPECT_THAT(Message(Parameter::Categorical("opt", {})),
              HasSubstr("opt: list must have at least one entry"));
  EXPECT_THAT(Message(Parameter::Discrete("d", {"1", "2", "1"})),
              HasSubstr("d: list has the entry '1' twice"));
}

TEST(Parameter, ReadsFractionalStepsOfIntsAsOne) { EXPECT_EQ(Whole("n", 1, 5, 0.5).cardinality(), 5u); }

TEST(Parameter, CountsItsValues) {
  EXPECT_EQ(Whole("n", 1, 10, 4).cardinality(), 3u);
  EXPECT_EQ(Whole("n", -3, 3).cardinality(), 7u);
  EXPECT_EQ(Real("x", 0, 1).cardinality(), std::nullopt);
  EXPECT_EQ(Real("x", 0, 1, 0.25).cardinality(), 5u);
  EXPECT_EQ(Real("x", 2, 2).cardinality(), 1u);
  EXPECT_EQ(OneOf("c", {"a", "b"}).cardinality(), 2u);
}

// Both ends have the full chance of 1 / size: the cells of u are exactly equal.
TEST(Parameter, GivesEveryUniformValueTheSameShare) {
  const Parameter parameter = Whole("n", 1, 4);
  EXPECT_EQ(parameter.IndexFromUnit(0.2499), 0u);
  EXPECT_EQ(parameter.IndexFromUnit(0.2501), 1u);
  EXPECT_EQ(parameter.IndexFromUnit(0.7499), 2u);
  EXPECT_EQ(parameter.IndexFromUnit(0.7501), 3u);
  EXPECT_EQ(parameter.Text(parameter.FromUnit(0x1p-53)), "1");
  EXPECT_EQ(parameter.Text(parameter.FromUnit(1 - 0x1p-53)), "4");
}

double Share(const Parameter& parameter,
             std::uint64_t index) {  // by bisection for the edges of the value's cell
  const auto edge = [&](std::uint64_t k) {
    double low = 0, high = 1;
    for (int i = 0; i < 60; ++i)
      (parameter.IndexFromUnit((low + high) / 2) < k ? low : high) = (low + high) / 2;
    return low;
  };
  return edge(index + 1) - (index == 0 ? 0 : edge(index));
}

// Cells 1/1.5 .. 1.5 and 9.5 .. 10.5 of 1/1.5 .. 10.5.
TEST(Parameter, WeighsLogUniformIntsByTheirCells) {
  const Parameter parameter = Whole("n", 1, 10, {}, Distribution::kLogUniform);
  EXPECT_NEAR(Share(parameter, 0), std::log(2.25) / std::log(15.75), 1e-9);
  EXPECT_NEAR(Share(parameter, 8), std::log(9.5 / 8.5) / std::log(15.75), 1e-9);
  EXPECT_NEAR(1 - Share(parameter, 9), 1 - std::log(10.5 / 9.5) / std::log(15.75), 1e-9);
}

// Mean 5.5, standard deviation 1.5, cells half a step wide to each side, truncated to 0.5 .. 10.5.
TEST(Parameter, WeighsNormalIntsByTheirCells) {
  const Parameter parameter = Whole("n", 1, 10, {}, Distribution::kNormal);
  EXPECT_NEAR(Share(parameter, 0), 0.0034042414843640, 1e-9);
  EXPECT_NEAR(Share(parameter, 4), 0.2477200361355648, 1e-9);
  EXPECT_NEAR(Share(parameter, 4), Share(parameter, 5), 1e-9);
}

class RoundTrip : public ::testing::TestWithParam<Parameter> {};

TEST_P(RoundTrip, UnitCoordinatesAndTextsLeadBackToTheValue) {
  const Parameter& parameter = GetParam();
  for (std::uint64_t k = 0; k < *parameter.cardinality(); ++k) {
    const Value value = parameter.At(k);
    EXPECT_EQ(parameter.IndexOf(value), k);
    EXPECT_EQ(parameter.FromUnit(parameter.ToUnit(value)), value) << parameter.Text(value);
    EXPECT_EQ(parameter.Parse(parameter.Text(value)), value);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Finite, RoundTrip,
    ::testing::Values(Whole("n", -3, 12), Whole("n", 1, 500, {}, Distribution::kLogUniform),
                      Whole("n", 5, 205, 50, Distribution::kLogNormal),
                      Whole("n", -50, 50, {}, Distribution::kNormal),
                      Real("x", 0.1, 0.9, 0.1, Distribution::kNormal),
                      Real("x", 1e-5, 1e-3, 1e-5, Distribution::kLogUniform), Real("x", 0.5, 0.5),
                      Real("x", 1, 8, 3.5, Distribution::kLogNormal), OneOf("c", {"b", "a", "1.50"})));

TEST(Parameter, ContinuousValuesLeadBackToThemselves) {
  for (const Distribution distribution :
       {Distribution::kUniform, Distribution::kLogUniform, Distribution::kNormal, Distribution::kLogNormal}) {
    const Parameter parameter = Real("x", 0.001, 10, {}, distribution);
    for (double u = 0.0005; u < 1; u += 0.0333)
      EXPECT_NEAR(parameter.ToUnit(parameter.FromUnit(u)), u, 1e-12);
    EXPECT_EQ(std::get<double>(parameter.FromUnit(0)), 0.001);
    EXPECT_EQ(std::get<double>(parameter.FromUnit(1)), 10);
  }
}

TEST(Parameter, WritesNumbersPlainlyAndEntriesVerbatim) {
  EXPECT_EQ(Real("x", 1e-5, 3e-5, 1e-5).Text(2.0 * 1e-5), "0.00002");
  EXPECT_EQ(Whole("n", -5, 5).Text(std::int64_t{-4}), "-4");
  EXPECT_EQ(OneOf("c", {" 1.0", "1e3"}).Text(Choice{1}), "1e3");
}

TEST(Parameter, ReadsOnlyWhatFits) {
  const Parameter x = Real("x", 0, 1, 0.5);
  EXPECT_EQ(x.Parse("0.3"), Value(0.3));  // off the grid, as a trial from elsewhere may be
  EXPECT_EQ(x.Parse("1.5"), std::nullopt);
  EXPECT_EQ(x.Parse("nan"), std::nullopt);
  EXPECT_EQ(x.Parse(""), std::nullopt);
  const Parameter n = Whole("n", 1, 5);
  EXPECT_EQ(n.Parse("4.0"), Value(std::int64_t{4}));
  EXPECT_EQ(n.Parse("2.5"), std::nullopt);
  EXPECT_EQ(n.Parse("6"), std::nullopt);
  const Parameter c = OneOf("c", {"1", "x"});
  EXPECT_EQ(c.Parse("x"), Value(Choice{1}));
  EXPECT_EQ(c.Parse("1.0"), std::nullopt);
}

TEST(Parameter, KeepsContinuousValuesWithinBoundsAtTheVeryEnds) {
  for (const Distribution distribution :
       {Distribution::kUniform, Distribution::kLogUniform, Distribution::kNormal, Distribution::kLogNormal}) {
    const Parameter parameter = Real("x", 0.1, 0.7, {}, distribution);
    EXPECT_GE(std::get<double>(parameter.FromUnit(0x1p-53)), 0.1);
    EXPECT_LE(std::get<double>(parameter.FromUnit(1 - 0x1p-53)), 0.7);
  }
}

}  // namespace
}  // namespace qalam::algorithms
