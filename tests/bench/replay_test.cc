#include <gmock/gmock.h>

#include <cmath>

#include "bench/curve_run.h"
#include "bench/replay_search.h"
#include "bench/replay_stopping.h"
#include "bench/space_parts.h"
#include "tests/bench/support.h"

namespace qalam::bench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int kEpochs = 10;

api::ObjectiveSpec Objective(api::ObjectiveType type = api::ObjectiveType::kMinimize) {
  api::ObjectiveSpec objective;
  objective.type = type;
  objective.objective_metric_name = "loss";
  return objective;
}

// One report a second, from `start` + 1 on.
RecordedTrial TrialOf(const std::string& name, double start, const std::vector<double>& losses) {
  RecordedTrial trial{.name = name, .start = start, .succeeded = true};
  for (size_t i = 0; i < losses.size(); ++i)
    trial.points.push_back({start + static_cast<double>(i + 1), "loss", std::to_string(losses[i])});
  trial.end = start + static_cast<double>(losses.size());
  return trial;
}

StoppingReplay Replay(const std::vector<RecordedTrial>& trials, const std::string& rule,
                      const api::ObjectiveSpec& objective = Objective()) {
  const std::vector<Stopping> stoppings = Must(ParseStoppings(rule));
  return Must(ReplayStopping(objective, {}, trials, stoppings.back()));
}

std::vector<int> ReportsUsed(const StoppingReplay& replay) {
  std::vector<int> used;
  for (const ReplayedTrial& trial : replay.trials) used.push_back(trial.reports_used);
  return used;
}

TEST(ReplayStopping, WithoutARuleEverythingIsAsItWas) {
  const StoppingReplay replay = Replay({TrialOf("a", 0, {3, 2, 4}), TrialOf("b", 3, {9, 1})}, "none");
  EXPECT_EQ(replay.stopped, 0);
  EXPECT_EQ(replay.reports, 5);
  EXPECT_EQ(replay.reports_used, 5);
  EXPECT_EQ(replay.seconds_used, 5);
  EXPECT_EQ(replay.best, 1);
  EXPECT_EQ(replay.best_replayed, 1);
  EXPECT_EQ(replay.best_trial_replayed, "b");
  EXPECT_EQ(replay.trials[0].recorded, 2);
}

// By hand: the median of the best values after two reports of a, b and c is 2; d has 4 by then and is stopped, e has 1 and is not.
TEST(ReplayStopping, MedianOfThreeThatSucceededStopsTheFourth) {
  const std::vector<RecordedTrial> trials = {TrialOf("a", 0, {1, 1, 1}), TrialOf("b", 3, {2, 2, 2}),
                                             TrialOf("c", 6, {3, 3, 3}), TrialOf("d", 9, {5, 4, 0.5}),
                                             TrialOf("e", 12, {5, 1, 0.7})};
  const StoppingReplay replay = Replay(trials, "medianstop(min_trials_required=3,start_step=2)");
  EXPECT_THAT(ReportsUsed(replay), ElementsAre(3, 3, 3, 2, 3));
  EXPECT_EQ(replay.stopped, 1);
  EXPECT_TRUE(replay.trials[3].stopped);
  EXPECT_THAT(replay.trials[3].reason, HasSubstr("loss 4 at report 2 is greater than 2"));
  EXPECT_EQ(replay.trials[3].recorded, 0.5);
  EXPECT_EQ(replay.trials[3].replayed, 4);
  EXPECT_EQ(replay.trials[3].seconds_used, 2);
  EXPECT_EQ(replay.best, 0.5);
  EXPECT_EQ(replay.best_replayed, 0.7);
}

TEST(ReplayStopping, RulesKnowOnlyWhatHadEndedByThen) {
  // At the same time: d has ended before the others have.
  const std::vector<RecordedTrial> trials = {TrialOf("d", 0, {5, 4, 4}), TrialOf("a", 0.5, {1, 1, 1}),
                                             TrialOf("b", 0.5, {2, 2, 2}), TrialOf("c", 0.5, {3, 3, 3})};
  EXPECT_EQ(Replay(trials, "medianstop(min_trials_required=3,start_step=2)").stopped, 0);
}

TEST(ReplayStopping, NewerRulesReachRunningTrials) {
  const std::vector<RecordedTrial> trials = {TrialOf("a", 0, {1}), TrialOf("b", 0, {2}), TrialOf("c", 0, {3}),
                                             TrialOf("slow", 0, {9, 9, 9, 9})};
  const std::string rule = "medianstop(min_trials_required=3,start_step=1";
  EXPECT_EQ(Replay(trials, rule + ")").trials[3].reports_used, 1);
  EXPECT_EQ(Replay(trials, rule + ",refresh=no)").trials[3].reports_used, 4);
}

TEST(ReplayStopping, FailedTrialsHaveNoResultAndOtherMetricsAreNoReports) {
  RecordedTrial failed = TrialOf("f", 0, {0.1});
  failed.succeeded = false;
  RecordedTrial other = TrialOf("o", 1, {4});
  other.points.push_back({2, "accuracy", "0.9"});
  other.points.push_back({2, "loss", "nan"});
  const StoppingReplay replay = Replay({failed, other}, "none");
  EXPECT_EQ(replay.reports, 2);
  EXPECT_EQ(replay.best, 4);
  EXPECT_FALSE(replay.trials[0].recorded.has_value());
}

TEST(ReplayStopping, LargerIsBetterWhereItIsMaximised) {
  const auto objective = Objective(api::ObjectiveType::kMaximize);
  const std::vector<RecordedTrial> trials = {TrialOf("a", 0, {1, 5}), TrialOf("b", 2, {7, 2})};
  EXPECT_EQ(Replay(trials, "none", objective).best, 7);
  EXPECT_EQ(Replay(trials, "threshold(value=3)", objective).stopped, 1);
}

// The simulation of `qalam bench --stop` and the replay of what it ran without a rule stop the same trials at the same reports,
// where points do not depend on what was stopped.
TEST(ReplayStopping, AgreesWithTheSimulationOfSearches) {
  Problem problem;
  problem.name = "curves";
  problem.space = Must(algorithms::SearchSpace::Make({Real("x", 0, 1)}));
  std::vector<RecordedTrial> recorded;
  const auto loss = [](double x, int epoch) { return std::abs(x - 0.4) + (1 + std::sin(40 * x)) / epoch; };
  problem.fidelity = Fidelity{kEpochs,
                              [&](const algorithms::Point& point, int epoch) -> absl::StatusOr<double> {
                                return loss(std::get<double>(point[0]), epoch);
                              },
                              {}};
  const Optimizer random = Must(ParseOptimizers("random")).front();
  const auto create = random.create;
  constexpr int kTrials = 40;
  const std::string rule = "medianstop(min_trials_required=5,start_step=3)";
  const std::vector<Stopping> stoppings = Must(ParseStoppings(rule));
  const CurveRun run =
      Must(RunCurves(random, problem, stoppings.back(), {.seed = 5, .trials = kTrials, .workers = 1}));
  algorithms::Problem definition;
  definition.experiment_name = "bench-curves-5";
  definition.space = problem.space;
  definition.settings = {{"seed", "5"}};
  const auto algorithm = Must(create(definition));
  const auto suggested = Must(algorithm->Suggest({}, {0, kTrials, {}}));
  double start = 0;
  for (int i = 0; i < kTrials; ++i) {
    std::vector<double> losses;
    for (int epoch = 1; epoch <= kEpochs; ++epoch)
      losses.push_back(loss(std::get<double>(suggested.proposals[i].point[0]), epoch));
    recorded.push_back(TrialOf("t" + std::to_string(i), start, losses));
    start = recorded.back().end;
  }
  const StoppingReplay replay = Replay(recorded, rule);
  EXPECT_EQ(replay.stopped, run.stopped);
  EXPECT_GT(run.stopped, 5);
  EXPECT_EQ(replay.reports_used, run.epochs);
  EXPECT_NEAR(*replay.best_replayed, run.best, 1e-6);
}

class ReplaySearchTest : public ::testing::Test {
 protected:
  ReplaySearchTest() : space_(Must(algorithms::SearchSpace::Make({Real("x", 0, 1), Real("y", 0, 1)}))) {}

  void Run(int trials, const std::function<double(double, double)>& value) {
    algorithms::Rng rng({9});
    for (int i = 0; i < trials; ++i) {
      const double x = rng.Uniform(), y = rng.Uniform();
      points_.push_back({x, y});
      values_.push_back(value(x, y));
    }
  }

  absl::StatusOr<SearchReplay> Replay(algorithms::Direction direction = algorithms::Direction::kMinimize,
                                      int seeds = 6) const {
    return ReplaySearch(space_, direction, points_, values_, Must(ParseOptimizers("random,tpe")),
                        {.trials = 40, .workers = 2, .seeds = seeds});
  }

  const algorithms::SearchSpace space_;
  std::vector<algorithms::Point> points_;
  std::vector<double> values_;
};

TEST_F(ReplaySearchTest, EstimatesWithErrorBarsAndSaysHowGoodTheModelIs) {
  Run(60, [](double x, double y) { return 10 + (x - 0.3) * (x - 0.3) + y; });
  const SearchReplay replay = Must(Replay());
  EXPECT_EQ(replay.observations, 60);
  EXPECT_GT(replay.explained, 0.8);
  EXPECT_GT(replay.in_order, 0.8);
  EXPECT_LT(replay.error, 0.2);
  ASSERT_EQ(replay.searches.size(), 2u);
  ASSERT_EQ(replay.recorded.best.size(), 3u);
  for (const EstimatedSearch& search : {replay.recorded, replay.searches[0], replay.searches[1]}) {
    double before = 1e9;
    for (const EstimatedBest& best : search.best) {
      EXPECT_LE(best.low, best.median);
      EXPECT_LE(best.median, best.high);
      EXPECT_LE(best.median, before);
      EXPECT_GE(best.low, 10);
      before = best.median;
    }
  }
  for (const EstimatedSearch& search : replay.searches)
    EXPECT_LT(search.best.front().low, search.best.front().high);
  EXPECT_EQ(replay.searches[0].best.back().trials, 40);
  EXPECT_EQ(Must(Replay()).searches[1].best.back().median, replay.searches[1].best.back().median);
}

TEST_F(ReplaySearchTest, MaximizingIsMinimizingTheNegative) {
  Run(40, [](double x, double y) { return x + y; });
  const SearchReplay low = Must(Replay());
  for (double& value : values_) value = -value;
  const SearchReplay high = Must(Replay(algorithms::Direction::kMaximize));
  EXPECT_EQ(high.searches[0].best.back().median, -low.searches[0].best.back().median);
  EXPECT_EQ(high.searches[0].best.back().low, -low.searches[0].best.back().high);
}

TEST_F(ReplaySearchTest, RefusesWhatSaysTooLittle) {
  Run(19, [](double x, double y) { return x + y; });
  EXPECT_THAT(
      std::string(Replay().status().message()),
      HasSubstr("19 finished trials say too little to estimate what another search would have done; with 2 "
                "parameters at least 20"));
  points_.clear();
  values_.clear();
  algorithms::Rng noise({4});
  Run(40, [&](double, double) { return noise.Uniform(); });
  EXPECT_EQ(Replay().status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(Replay().status().message()), HasSubstr("do not tell how the objective depends"));
  for (double& value : values_) value = 1;
  EXPECT_THAT(std::string(Replay().status().message()), HasSubstr("the same value"));
}

}  // namespace
}  // namespace qalam::bench
