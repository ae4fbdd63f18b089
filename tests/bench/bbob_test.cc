#include "bench/bbob.h"

#include <gmock/gmock.h>

#include <cmath>
#include <map>

#include "algorithms/random_engine.h"
#include "base/csv.h"
#include "base/number_text.h"
#include "bench/bbob_functions.h"
#include "bench/files.h"
#include "bench/space_parts.h"

namespace qalam::bench {
namespace {

struct Reference {
  BbobInstance instance;
  std::vector<std::vector<double>> points;  // coordinates, then the value
};

// Instances and values of the functions in four dimensions, written by pycma's bbobbenchmarks, the
// definitions of the suite's authors. Three points of each lie outside of the box.
std::map<int, Reference> ReadReferences() {
  std::map<int, Reference> references;
  for (const CsvRecord& record : Must(ParseCsv(Must(ReadFile(QALAM_BENCH_DATA "/bbob_reference.csv"))))) {
    std::vector<double> numbers;
    for (size_t i = 2; i < record.size(); ++i) numbers.push_back(ParseDouble(record[i]).value());
    Reference& reference = references[std::stoi(record[0])];
    BbobInstance& instance = reference.instance;
    const std::string& kind = record[1];
    if (kind == "r") instance.r = {4, numbers};
    if (kind == "q") instance.q = {4, numbers};
    if (kind == "best") instance.best = numbers[0];
    if (kind == "optimum") instance.optimum = numbers;
    if (kind == "signs") instance.signs = numbers;
    if (kind == "point") reference.points.push_back(numbers);
    if (kind == "peak") {
      instance.peaks.push_back(
          {{numbers.begin(), numbers.begin() + 4}, {numbers.begin() + 4, numbers.begin() + 8}, numbers[8]});
    }
  }
  return references;
}

TEST(Bbob, AgreesWithTheReferenceImplementation) {
  const std::map<int, Reference> references = ReadReferences();
  ASSERT_EQ(references.size(), 24);
  for (const auto& [function, reference] : references) {
    ASSERT_EQ(reference.points.size(), 8);
    for (const std::vector<double>& point : reference.points) {
      const double found = BbobExcess(function, reference.instance, Coordinates(point).first(4));
      const double expected = point[4] - reference.instance.best;
      EXPECT_NEAR(found, expected, 1e-9 * std::max(1.0, std::abs(expected)) + 1e-11 * std::abs(point[4]))
          << "f" << function;
    }
  }
}

class BbobFunction : public testing::TestWithParam<int> {};

TEST_P(BbobFunction, IsLowestAtItsOptimumWithinTheBox) {
  for (const int dimensions : {2, 5, 20}) {
    for (const std::uint64_t instance : {1, 2, 3}) {
      const Problem problem = Bbob({GetParam(), dimensions}, instance);
      const algorithms::Point& optimum = problem.optimum.value();
      for (const double x : Reals(optimum)) EXPECT_LE(std::abs(x), 5 + 1e-12);
      EXPECT_NEAR(Must(problem.evaluate(optimum)), *problem.best, 1e-7);
      algorithms::Rng rng({7, instance});
      for (int i = 0; i < 200; ++i) {
        std::vector<double> x = Reals(optimum);
        const double reach = std::pow(10, -4 * rng.Uniform());  // near the optimum, too
        for (double& v : x) v = std::clamp(v + reach * 10 * (rng.Uniform() - 0.5), -5.0, 5.0);
        EXPECT_GE(Must(problem.evaluate(PointOf(x))), *problem.best - 1e-9);
      }
    }
  }
}

TEST_P(BbobFunction, DiffersBetweenInstances) {
  const Problem one = Bbob({GetParam(), 5}, 1), same = Bbob({GetParam(), 5}, 1),
                other = Bbob({GetParam(), 5}, 2);
  EXPECT_EQ(one.best, same.best);
  EXPECT_EQ(one.optimum, same.optimum);
  EXPECT_NE(one.best, other.best);
  EXPECT_NE(one.optimum, other.optimum);
}

INSTANTIATE_TEST_SUITE_P(All, BbobFunction, testing::Range(1, kBbobFunctions + 1));

TEST(Bbob, ReadsNames) {
  EXPECT_EQ(ParseBbobName("bbob-f24-40")->function, 24);
  EXPECT_EQ(ParseBbobName("bbob-f24-40")->dimensions, 40);
  EXPECT_EQ(ParseBbobSuiteName("bbob-5"), 5);
  for (const char* name :
       {"bbob-f25-5", "bbob-f0-5", "bbob-f1", "bbob-f1-1", "bbob-f1-x", "bbob-1", "bbob-f1-9999"}) {
    EXPECT_FALSE(ParseBbobName(name)) << name;
    EXPECT_FALSE(ParseBbobSuiteName(name)) << name;
  }
}

}  // namespace
}  // namespace qalam::bench
