#include "algorithms/turbo.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "tests/algorithms/support.h"

namespace qalam::algorithms {
namespace {

using testing::ProblemOf;
using testing::Real;
using testing::Whole;

Problem TwentyParameters(std::uint64_t seed) {
  std::vector<Parameter> parameters;
  for (int i = 0; i < 20; ++i) parameters.push_back(Real("x" + std::to_string(i), -5, 10));
  return ProblemOf(std::move(parameters), {{"seed", std::to_string(seed)}});
}

double Rosenbrock(const Point& point) {
  double sum = 0;
  for (size_t i = 0; i + 1 < point.size(); ++i) {
    const double a = std::get<double>(point[i]), b = std::get<double>(point[i + 1]);
    sum += 100 * (b - a * a) * (b - a * a) + (1 - a) * (1 - a);
  }
  return sum;
}

// The lowest value after `trials` in batches of `batch`.
double Best(std::string_view name, const Problem& problem, int trials, int batch) {
  const auto algorithm = testing::Create(name, problem);
  History history;
  double best = std::numeric_limits<double>::infinity();
  while (static_cast<int>(history.trials.size()) < trials) {
    const auto asked = static_cast<std::int64_t>(history.trials.size());
    for (Proposal& proposal : testing::Must(algorithm->Suggest(history, {asked, batch, {}})).proposals) {
      Trial trial;
      trial.name = "t" + std::to_string(history.trials.size());
      trial.status = TrialStatus::kSucceeded;
      trial.point = std::move(proposal.point);
      trial.objectives = {Rosenbrock(*trial.point)};
      trial.completion_time = absl::FromUnixSeconds(static_cast<std::int64_t>(history.trials.size()));
      best = std::min(best, trial.objectives[0]);
      history.trials.push_back(std::move(trial));
    }
  }
  return best;
}

// Medians of 3 seeds after 80 trials are some 10^4 and 7 * 10^5.
TEST(Turbo, BeatsRandomByAWideMarginInTwentyDimensions) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    const double turbo = Best("turbo", TwentyParameters(seed), 80, 4);
    const double random = Best("random", TwentyParameters(seed), 80, 4);
    EXPECT_LT(turbo, random / 5) << seed;
  }
}

TEST(Turbo, RefusesSettingsOutOfRange) {
  const auto validate = [](const std::string& name, const std::string& value) {
    return turbo::Validate(ProblemOf({Whole("n", 1, 5)}, {{name, value}}));
  };
  for (const std::string name : {"n_initial_points", "success_tolerance", "failure_tolerance"}) {
    EXPECT_TRUE(validate(name, "1").ok());
    EXPECT_EQ(validate(name, "0"), absl::InvalidArgumentError(name + " should be at least 1, got 0"));
    EXPECT_THAT(std::string(validate(name, "x").message()),
                ::testing::StartsWith("failed to validate " + name + "(x):"));
  }
  EXPECT_EQ(validate("acq_func", "EI"),
            absl::InvalidArgumentError("unknown setting acq_func for algorithm turbo"));
}

}  // namespace
}  // namespace qalam::algorithms
