// What every algorithm must keep in a space with rules, and with constraints on metrics.

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <set>

#include "algorithms/feasible_points.h"
#include "algorithms/random_engine.h"
#include "algorithms/registry.h"
#include "tests/algorithms/support.h"

namespace qalam::algorithms {
namespace {

using testing::Must;
using testing::OneOf;
using testing::ProblemOf;
using testing::Real;
using testing::Whole;
using When = Condition::Test;

enum Place : size_t { kLr, kMaxLr, kOptimizer, kMomentum, kNesterov, kLayers, kFirst, kSecond };

// Chains of conditions, a constraint whose parameters are not always active, and one of doubles without steps, which few draws
// keep.
Problem Ruled(std::string_view algorithm, Settings settings) {
  const bool grid = algorithm == "grid";
  const auto step = [grid](double value) { return grid ? std::optional<double>(value) : std::nullopt; };
  Problem problem =
      ProblemOf({Real("lr", 0, 1, step(0.1)), Real("max_lr", 0, 1, step(0.1)),
                 OneOf("optimizer", {"adam", "sgd", "rmsprop"}), Real("momentum", 0.1, 0.9, step(0.2)),
                 OneOf("nesterov", {"no", "yes"}), Whole("layers", 1, 2), Whole("first", 16, 128, 16),
                 Must(Parameter::Discrete("second", {"16", "32", "64", "128"}))},
                std::move(settings));
  problem.space = Must(problem.space.WithConditions(
      {{.parameter = kNesterov, .parent = kMomentum, .test = When::kGreater, .values = {}, .bound = 0.6},
       {.parameter = kMomentum, .parent = kOptimizer, .test = When::kIn, .values = {Choice{1}, Choice{2}}},
       {.parameter = kSecond, .parent = kLayers, .test = When::kAtLeast, .values = {}, .bound = 2}}));
  problem.space = Must(problem.space.WithConstraints({{{{kFirst, 1}, {kSecond, 1}}, 128, false},
                                                      {{{kLr, 1}, {kMaxLr, -1}}, 0, true},
                                                      {{{kLr, 2}, {kMaxLr, 1}}, 0.6, false}}));
  problem.metric_constraints = {{"latency", true, 0.4}, {"recall", false, 0}};
  return problem;
}

class RulesContract : public ::testing::TestWithParam<const AlgorithmInfo*> {
 protected:
  RulesContract() : problem_(Ruled(GetParam()->name, {{"seed", "5"}})) {}

  void SetUp() override {
    if (!ValidateProblem(*GetParam(), problem_).ok())
      GTEST_SKIP() << "it asks for more than this problem has";
  }

  bool fits_model() const { return GetParam()->fits_model; }

  Trial Ended(const Point& point, int i) const {
    Trial trial;
    trial.name = "t" + std::to_string(i);
    trial.point = point;
    trial.number = i;
    trial.status = i % 9 == 4 ? TrialStatus::kFailed : TrialStatus::kSucceeded;
    const std::vector<double> u = problem_.space.ToUnit(point);
    trial.objectives = {(u[kLr] - 0.3) * (u[kLr] - 0.3) + u[kFirst]};
    trial.constraint_values = {i % 7 == 2 ? std::nan("") : u[kMaxLr], 0.5 - u[kMomentum]};
    return trial;
  }

  // Points that keep no rule, as another program may have tried them.
  History FromElsewhere(int trials) const {
    History history;
    Rng rng({7});
    for (int i = 0; i < trials; ++i) {
      std::vector<double> u(problem_.space.size());
      for (double& x : u) x = rng.Uniform();
      history.trials.push_back(Ended(problem_.space.FromUnit(u), i));
    }
    return history;
  }

  void ExpectAdmitted(const Suggestions& suggestions) const {
    for (const Proposal& proposal : suggestions.proposals) {
      EXPECT_TRUE(problem_.space.Admits(proposal.point)) << ::testing::PrintToString(proposal.point);
    }
  }

  // A whole experiment, in batches.
  History Run(const Algorithm& algorithm, History history, int points) const {
    const auto before = static_cast<int>(history.trials.size());
    for (int at = before; at < before + points;) {
      const int count = std::min(1 + at % 4, before + points - at);
      const Suggestions suggestions = Must(algorithm.Suggest(history, {at, count, {}}));
      EXPECT_EQ(suggestions.proposals.size(), static_cast<size_t>(count));
      ExpectAdmitted(suggestions);
      for (const Proposal& proposal : suggestions.proposals)
        history.trials.push_back(Ended(proposal.point, at++));
    }
    return history;
  }

  Problem problem_;
};

TEST_P(RulesContract, KeepsThemThroughoutAnExperiment) {
  Run(*Must(CreateAlgorithm(*GetParam(), problem_)), {}, fits_model() ? 30 : 300);
}

TEST_P(RulesContract, KeepsThemWhateverOthersHaveTried) {
  if (GetParam()->name == "grid") GTEST_SKIP() << "its numbers are its points";
  Run(*Must(CreateAlgorithm(*GetParam(), problem_)), FromElsewhere(24), fits_model() ? 20 : 100);
}

TEST_P(RulesContract, IsAFunctionOfItsInputs) {
  const History history = FromElsewhere(20);
  const auto points = [&](const History& of) {
    return testing::Points(*Must(CreateAlgorithm(*GetParam(), problem_)), of, 20, 3);
  };
  EXPECT_EQ(points(history), points(history));
  // Only the canonical form of what was tried counts.
  History canonical = history;
  for (Trial& trial : canonical.trials) trial.point = problem_.space.Canonical(*trial.point);
  EXPECT_EQ(points(history), points(canonical));
}

TEST_P(RulesContract, SaysSoWhenNoPointKeepsThem) {
  Problem impossible = problem_;
  impossible.space = Must(impossible.space.WithConstraints({{{{kFirst, 1}}, 10, false}}));
  EXPECT_THAT(std::string(ValidateProblem(*GetParam(), impossible).message()),
              ::testing::HasSubstr("keeps the constraint first <= 10: its left side is 16 at least"));
  EXPECT_EQ(CreateAlgorithm(*GetParam(), impossible).status().code(), absl::StatusCode::kInvalidArgument);
}

std::vector<const AlgorithmInfo*> Everything() {
  std::vector<const AlgorithmInfo*> all;
  for (const AlgorithmInfo& info : Algorithms()) {
    if (info.can.parameter_constraints && info.can.metric_constraints) all.push_back(&info);
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(All, RulesContract, ::testing::ValuesIn(Everything()), [](const auto& test) {
  std::string name(test.param->name);
  std::erase(name, '-');
  return name;
});

// Not left to the last resort around them.
TEST(Rules, AreKeptByTheAlgorithmsThemselves) {
  for (const std::string_view name :
       {"random", "sobol", "grid", "tpe", "cmaes", "bayesianoptimization", "nsga2"}) {
    const Problem problem = Ruled(name, {{"seed", "5"}});
    for (const Point& point : testing::Points(*testing::Create(name, problem), 0, 60)) {
      EXPECT_TRUE(problem.space.Admits(point)) << name;
    }
  }
}

// Katib's way to give the resource: one value, which the algorithm frees.
Problem RuledEpochs() {
  Problem problem = ProblemOf(
      {Whole("epochs", 1, 1), OneOf("optimizer", {"adam", "sgd"}), Whole("m", 1, 4), Whole("n", 1, 4)},
      {{"resource_name", "epochs"}, {"r_l", "9"}, {"eta", "3"}, {"seed", "5"}});
  problem.space = Must(problem.space.WithConditions(
      {{.parameter = 2, .parent = 1, .test = When::kIn, .values = {Choice{1}}}}));
  problem.space = Must(problem.space.WithConstraints({{{{2, 1}, {3, -1}}, 0, false}}));
  return problem;
}

TEST(Rules, AreKeptBySuccessiveHalvingWhichTriesNoConfigurationTwice) {
  for (const std::string_view name : {"hyperband", "bohb", "asha"}) {
    Problem problem = RuledEpochs();
    const AlgorithmInfo* info = Must(FindAlgorithm(name));
    ASSERT_TRUE(ValidateProblem(*info, problem).ok()) << name;
    AdaptProblem(*info, problem);
    ASSERT_TRUE(problem.space.has_rules()) << name;
    const auto algorithm = Must(info->create(problem));
    History history;
    std::set<std::vector<std::string>> tried;
    for (int i = 0; i < 14;
         ++i) {  // as many as there are; until then none is there twice with the same resource
      const Point point = testing::Points(*algorithm, history, i, 1).at(0);
      EXPECT_TRUE(problem.space.Admits(point)) << name;
      std::vector<std::string> texts;
      for (size_t j = 0; j < point.size(); ++j) texts.push_back(problem.space.parameters()[j].Text(point[j]));
      EXPECT_TRUE(tried.insert(texts).second) << name << ::testing::PrintToString(texts);
      Trial& trial = history.trials.emplace_back();
      trial.name = std::to_string(i);
      trial.number = i;
      trial.status = TrialStatus::kSucceeded;
      trial.point = point;
      trial.objectives = {static_cast<double>(i % 5)};
    }
  }
}

TEST(Rules, OfAFiniteSpaceDoNotMakeNsga2RepeatPoints) {
  Problem problem = ProblemOf({OneOf("optimizer", {"adam", "sgd"}), Whole("m", 1, 9), Whole("n", 1, 9)},
                              {{"population_size", "4"}, {"seed", "5"}});
  problem.space = Must(problem.space.WithConditions(
      {{.parameter = 1, .parent = 0, .test = When::kIn, .values = {Choice{1}}}}));
  problem.space = Must(problem.space.WithConstraints({{{{1, 1}, {2, -1}}, 0, false}}));
  const auto algorithm = Must(CreateAlgorithm(*Must(FindAlgorithm("nsga2")), problem));
  History history;
  std::set<std::vector<double>> tried;
  for (int i = 0; i < 54; ++i) {  // 9 with adam, 45 with sgd
    const Point point = testing::Points(*algorithm, history, i, 1).at(0);
    EXPECT_TRUE(tried.insert(problem.space.ToUnit(point)).second) << i;
    Trial& trial = history.trials.emplace_back();
    trial.name = std::to_string(i);
    trial.number = i;
    trial.status = TrialStatus::kSucceeded;
    trial.point = point;
    trial.objectives = {static_cast<double>(i % 7)};
  }
}

// What an algorithm learned from results that keep the bounds is worth more than better results that do not.
TEST(MetricConstraints, KeepTheSearchWhereTheyAreKept) {
  for (const std::string_view name : {"bayesianoptimization", "turbo", "tpe", "cmaes"}) {
    Problem problem = ProblemOf({Real("x", 0, 1), Real("y", 0, 1)}, {{"seed", "3"}});
    problem.metric_constraints = {{"c", true, 0.5}};
    const auto algorithm = Must(CreateAlgorithm(*Must(FindAlgorithm(name)), problem));
    History history;
    int kept = 0, late = 0;
    for (int i = 0; i < 60; ++i) {
      const Point point = testing::Points(*algorithm, history, i, 1).at(0);
      const double x = std::get<double>(point[0]), y = std::get<double>(point[1]);
      Trial trial;
      trial.name = std::to_string(i);
      trial.number = i;
      trial.status = TrialStatus::kSucceeded;
      trial.point = point;
      trial.objectives = {-x - y};  // best in a corner where the constraint does not hold
      trial.constraint_values = {x + y};
      history.trials.push_back(trial);
      late += i >= 30 ? 1 : 0;
      kept += i >= 30 && x + y <= 0.55 ? 1 : 0;
    }
    EXPECT_GT(kept, late / 2) << name;  // of the unit square an eighth keeps it
  }
}

}  // namespace
}  // namespace qalam::algorithms
