#include "algorithms/nsga2.h"

#include <gmock/gmock.h>

#include <cmath>
#include <functional>

#include "algorithms/hypervolume.h"
#include "tests/algorithms/support.h"

namespace qalam::algorithms {
namespace {

using testing::OneOf;
using testing::Points;
using testing::ProblemOf;
using testing::Real;
using testing::Whole;

Problem TwoObjectives(std::vector<Parameter> parameters, Settings settings = {}) {
  Problem problem = ProblemOf(std::move(parameters), std::move(settings));
  problem.objectives.push_back({"size", Direction::kMinimize});
  return problem;
}

std::vector<Parameter> Cube(int dimensions) {
  std::vector<Parameter> parameters;
  for (int i = 0; i < dimensions; ++i) parameters.push_back(Real("x" + std::to_string(i), 0, 1));
  return parameters;
}

Losses Zdt1(const Point& point) {
  const double first = std::get<double>(point[0]);
  double g = 1;
  for (size_t i = 1; i < point.size(); ++i)
    g += 9 * std::get<double>(point[i]) / static_cast<double>(point.size() - 1);
  return {first, g * (1 - std::sqrt(first / g))};
}

// Trials that end one by one in the order in which they began.
std::vector<Losses> Search(std::string_view algorithm, const Problem& problem, int trials,
                           const std::function<Losses(const Point&)>& evaluate) {
  const auto search = testing::Create(algorithm, problem);
  History history;
  std::vector<Losses> losses;
  for (int i = 0; i < trials; ++i) {
    Trial trial;
    trial.name = std::to_string(i);
    trial.number = i;
    trial.status = TrialStatus::kSucceeded;
    trial.point = Points(*search, history, i, 1).at(0);
    trial.objectives = evaluate(*trial.point);
    trial.completion_time = absl::FromUnixSeconds(i);
    losses.push_back(trial.objectives);
    history.trials.push_back(std::move(trial));
  }
  return losses;
}

TEST(Nsga2, ComesNearTheFrontOfZdt1) {
  const Problem problem = TwoObjectives(Cube(6), {{"seed", "1"}, {"population_size", "20"}});
  const Losses reference = {1.1, 1.1};
  const double found = Hypervolume(Search("nsga2", problem, 600, Zdt1), reference);
  EXPECT_GT(found, 0.6);  // of 0.8767
  EXPECT_LT(Hypervolume(Search("random", problem, 600, Zdt1), reference), 0.4);
}

TEST(Nsga2, OptimisesOneObjectiveToo) {
  const Problem problem = ProblemOf(Cube(4), {{"seed", "1"}, {"population_size", "20"}});
  const std::vector<Losses> losses = Search("nsga2", problem, 400, [](const Point& point) {
    double sum = 0;
    for (const Value& x : point) sum += std::pow(std::get<double>(x) - 0.3, 2);
    return Losses{sum};
  });
  EXPECT_LT(std::min_element(losses.begin(), losses.end())->front(), 1e-3);
}

TEST(Nsga2, FindsTheFewPointsThatKeepAConstraint) {
  Problem problem = ProblemOf(Cube(3), {{"seed", "1"}, {"population_size", "20"}});
  problem.metric_constraints = {{"latency", /*at_most=*/true, 0.05}};
  const auto search = testing::Create("nsga2", problem);
  History history;
  double best = 10;
  for (int i = 0; i < 400; ++i) {
    Trial trial;
    trial.name = std::to_string(i);
    trial.number = i;
    trial.status = TrialStatus::kSucceeded;
    trial.point = Points(*search, history, i, 1).at(0);
    const double x = std::get<double>((*trial.point)[0]), y = std::get<double>((*trial.point)[1]);
    trial.objectives = {x + y};  // pulls away from where the constraint is kept
    trial.constraint_values = {std::hypot(x - 0.7, y - 0.6)};
    if (trial.constraint_values[0] <= 0.05) best = std::min(best, x + y);
    trial.completion_time = absl::FromUnixSeconds(i);
    history.trials.push_back(std::move(trial));
  }
  EXPECT_LT(best, 1.26);  // the least is 1.3 - 0.05 sqrt2 = 1.2293
}

TEST(Nsga2, MixesCategoriesOfItsParents) {
  const Problem problem =
      TwoObjectives({OneOf("a", {"0", "1", "2", "3"}), OneOf("b", {"0", "1", "2", "3"}), Whole("n", 0, 1000)},
                    {{"seed", "2"}, {"population_size", "10"}});
  const auto losses = Search("nsga2", problem, 300, [](const Point& point) {
    const double miss = (std::get<Choice>(point[0]).index != 2) + (std::get<Choice>(point[1]).index != 1);
    const auto n = static_cast<double>(std::get<std::int64_t>(point[2])) / 1000;
    return Losses{miss + n, miss + 1 - n};
  });
  EXPECT_GT(Hypervolume(losses, {1.1, 1.1}), 0.6);  // of 0.71 with both categories right; 0.01 without
}

TEST(Nsga2, ChecksItsSettings) {
  const auto refusal = [](Settings settings) {
    return std::string(nsga2::Validate(TwoObjectives(Cube(2), std::move(settings))).message());
  };
  EXPECT_EQ(refusal({{"population_size", "1"}}), "population_size should be between 2 and 10000, got 1");
  EXPECT_EQ(refusal({{"crossover_prob", "1.5"}}), "crossover_prob should be between 0 and 1, got 1.5");
  EXPECT_EQ(refusal({{"mutation_prob", "-1"}}), "mutation_prob should be between 0 and 1, got -1");
  EXPECT_EQ(refusal({{"population_size", "24"}, {"crossover_prob", "0"}, {"mutation_prob", "1"}}), "");
}

}  // namespace
}  // namespace qalam::algorithms
