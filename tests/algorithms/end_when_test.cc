#include "algorithms/end_when.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "algorithms/end_rule_text.h"
#include "tests/algorithms/support.h"

namespace qalam::algorithms {
namespace {

using testing::Must;
using testing::OneOf;
using testing::ProblemOf;
using testing::Real;
using testing::Whole;

double At(const Point& point, size_t i) { return std::get<double>(point[i]); }

// A bowl with its bottom of 0 at (0.3, 0.6).
double Bowl(const Point& point) { return std::pow(At(point, 0) - 0.3, 2) + std::pow(At(point, 1) - 0.6, 2); }

Problem BowlProblem(std::string_view rule) {
  Problem problem = ProblemOf({Real("x", 0, 1), Real("y", 0, 1)}, {{"seed", "1"}});
  if (!rule.empty()) problem.end_rule = Must(ParseEndRule(rule));
  return problem;
}

Trial Finished(size_t number, Point point, double value) {
  Trial trial;
  trial.name = "t" + std::to_string(number);
  trial.number = static_cast<std::int64_t>(number);
  trial.status = TrialStatus::kSucceeded;
  trial.point = std::move(point);
  trial.objectives = {value};
  return trial;
}

struct Search {
  History history;
  std::string end;  // why it ended; empty: it did not
};

// One trial after another, until the search ends or `limit` of them.
template <class Function>
Search Searched(const Problem& problem, std::string_view algorithm, size_t limit, const Function& function) {
  Search search;
  const auto suggest = Must(CreateAlgorithm(*Must(FindAlgorithm(algorithm)), problem));
  while (search.history.trials.size() < limit) {
    const size_t number = search.history.trials.size();
    const auto suggestions = suggest->Suggest(search.history, {static_cast<std::int64_t>(number), 1, {}});
    if (absl::IsOutOfRange(suggestions.status())) {
      search.end = std::string(suggestions.status().message());
      break;
    }
    const Point point = Must(suggestions).proposals[0].point;
    search.history.trials.push_back(Finished(number, point, function(point)));
  }
  return search;
}

double BestOf(const History& history) {
  double best = INFINITY;
  for (const Trial& trial : history.trials) best = std::min(best, trial.objectives[0]);
  return best;
}

TEST(EndWhen, EndsASearchThatHasNothingMoreToWin) {
  const Search search =
      Searched(BowlProblem("improvement < 0.01; min_trials = 10"), "bayesianoptimization", 60, Bowl);
  EXPECT_THAT(search.end,
              ::testing::StartsWith("EndRuleMet: the chance that any trial would improve the best loss "));
  EXPECT_LT(search.history.trials.size(), 30u);
  EXPECT_GE(search.history.trials.size(), 10u);
  EXPECT_LT(BestOf(search.history), 0.01)
      << "the claim is that nothing is left to win, and the least value is 0";
}

TEST(EndWhen, GoesOnWhereMuchIsUnknown) {
  // A needle for every trial: nothing learned of one place tells anything of another.
  const auto noise = [](const Point& point) {
    return std::sin(1e4 * At(point, 0)) * std::sin(1e4 * At(point, 1));
  };
  EXPECT_EQ(Searched(BowlProblem("improvement < 0.01"), "random", 40, noise).end, "");
}

TEST(EndWhen, LessIsLeftToWinTheMoreIsAskedAndTheMoreIsKnown) {
  const auto chance = [](std::string_view improvement, size_t trials) {
    const Problem problem =
        BowlProblem(std::string("min_trials = 4; patience = 0; improvement < ").append(improvement));
    return Must(ForecastEnd(problem, Searched(BowlProblem(""), "sobol", trials, Bowl).history, {}))->chance;
  };
  EXPECT_GT(chance("0.0001", 8), 0.5);
  EXPECT_LT(chance("0.5", 8), 0.05);
  EXPECT_LT(chance("0.01", 50), chance("0.01", 6));
}

TEST(EndWhen, WithoutARuleNothingIsDecided) {
  EXPECT_EQ(Searched(BowlProblem(""), "sobol", 60, Bowl).end, "");
}

TEST(EndWhen, WaitsForItsTrialsAndItsPatience) {
  const Problem unsaid = BowlProblem("improvement < 0.3; patience = 0");
  EXPECT_FALSE(
      Must(ForecastEnd(unsaid, Searched(BowlProblem(""), "sobol", 19, Bowl).history, {})).has_value());
  EXPECT_TRUE(
      Must(ForecastEnd(unsaid, Searched(BowlProblem(""), "sobol", 20, Bowl).history, {})).has_value());

  Problem problem = BowlProblem("improvement < 0.3; min_trials = 12; patience = 0");
  History history = Searched(BowlProblem(""), "sobol", 11, Bowl).history;
  EXPECT_FALSE(Must(ForecastEnd(problem, history, {})).has_value());
  history = Searched(BowlProblem(""), "sobol", 12, Bowl).history;
  EXPECT_TRUE(Must(ForecastEnd(problem, history, {})).has_value());

  history.trials.back().objectives[0] = -1;  // the last one was a great step
  EXPECT_TRUE(Must(ForecastEnd(problem, history, {})).has_value());
  problem.end_rule->patience = 1;
  EXPECT_FALSE(Must(ForecastEnd(problem, history, {})).has_value());
  problem.end_rule->patience = 100;
  history.trials.back().objectives[0] = 1;
  EXPECT_FALSE(Must(ForecastEnd(problem, history, {})).has_value()) << "longer than the history";
}

TEST(EndWhen, IsAFunctionOfProblemAndHistoryWhateverTheDirectionAndTheOrder) {
  Problem problem = BowlProblem("improvement < 0.005; patience = 0");
  History history = Searched(BowlProblem(""), "sobol", 25, Bowl).history;
  const EndForecast forecast = Must(ForecastEnd(problem, history, {})).value();
  EXPECT_EQ(forecast.best, BestOf(history));
  EXPECT_EQ(forecast.improvement, 0.005);
  History reversed = history;
  std::reverse(reversed.trials.begin(), reversed.trials.end());
  EXPECT_EQ(Must(ForecastEnd(problem, reversed, {}))->chance, forecast.chance);

  for (Trial& trial : history.trials) trial.objectives[0] *= -1;
  problem.objectives[0].direction = Direction::kMaximize;
  const EndForecast mirrored = Must(ForecastEnd(problem, history, {})).value();
  EXPECT_EQ(mirrored.chance, forecast.chance);
  EXPECT_EQ(mirrored.best, -forecast.best);

  problem.end_rule = Must(ParseEndRule("improvement < 50%; patience = 0"));
  EXPECT_DOUBLE_EQ(Must(ForecastEnd(problem, history, {}))->improvement, forecast.best / 2);
}

TEST(EndWhen, ValuesInOtherUnitsAreJudgedAlike) {
  const History history = Searched(BowlProblem(""), "sobol", 25, Bowl).history;
  History scaled = history;
  for (Trial& trial : scaled.trials) trial.objectives[0] = 1e6 + 1024 * trial.objectives[0];
  const double chance =
      Must(ForecastEnd(BowlProblem("improvement < 0.005; patience = 0"), history, {}))->chance;
  EXPECT_NEAR(Must(ForecastEnd(BowlProblem("improvement < 5.12; patience = 0"), scaled, {}))->chance, chance,
              0.02);
}

TEST(EndWhen, EverySpaceCanEnd) {
  Problem problem = ProblemOf({OneOf("a", {"p", "q", "r"}), Whole("n", 1, 4)}, {{"seed", "2"}});
  problem.end_rule = Must(ParseEndRule("improvement < 0.1; min_trials = 6; patience = 0"));
  const auto additive = [](const Point& point) {
    return static_cast<double>(std::get<Choice>(point[0]).index) +
           static_cast<double>(std::get<std::int64_t>(point[1]));
  };
  const Search search = Searched(problem, "random", 100, additive);
  EXPECT_NE(search.end, "");
  EXPECT_LE(BestOf(search.history), 1.1);
}

TEST(EndWhen, TrialsWithoutAValueDoNotCount) {
  const Problem problem = BowlProblem("improvement < 0.3; min_trials = 4; patience = 0");
  History history = Searched(BowlProblem(""), "sobol", 8, Bowl).history;
  for (size_t i = 0; i < 5; ++i) history.trials[i].status = TrialStatus::kFailed;
  EXPECT_FALSE(Must(ForecastEnd(problem, history, {})).has_value());
  for (Trial& trial : history.trials) {
    trial.status = TrialStatus::kSucceeded;
    trial.objectives[0] = 7;
  }
  EXPECT_LE(Must(ForecastEnd(problem, history, {}))->chance, 1) << "equal values do no harm";
}

TEST(EndWhen, IsRefusedWhereItHasNoMeaning) {
  Problem problem = BowlProblem("improvement < 0.1");
  EXPECT_TRUE(CheckEndRule(problem).ok());
  problem.objectives.push_back({"size", Direction::kMinimize});
  EXPECT_EQ(CheckEndRule(problem).message(), "qalam.dev/end-when does not work with several objectives");
  problem.objectives.pop_back();
  problem.metric_constraints = {{"latency", true, 3}};
  EXPECT_EQ(CheckEndRule(problem).message(), "qalam.dev/end-when does not work with constraints on metrics");
  Problem empty;
  empty.end_rule = problem.end_rule;
  EXPECT_EQ(CheckEndRule(empty).message(),
            "qalam.dev/end-when does not work with experiments without parameters");
}

TEST(EndWhen, CanBeCancelled) {
  const History history = Searched(BowlProblem(""), "sobol", 60, Bowl).history;
  const auto forecast = ForecastEnd(BowlProblem("improvement < 1e-6; min_trials = 4; patience = 0"), history,
                                    [] { return true; });
  EXPECT_EQ(forecast.status().code(), absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace qalam::algorithms
