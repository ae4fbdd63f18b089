#include "bench/stopping.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "bench/curve_run.h"
#include "bench/space_parts.h"
#include "bench/stopping_report.h"
#include "tests/bench/support.h"

namespace qalam::bench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::Parallel;
using ::testing::SizeIs;

// Proposes the points in the order given, whatever happens.
class Recited final : public algorithms::Algorithm {
 public:
  Recited(std::vector<std::int64_t> points, algorithms::History* seen)
      : points_(std::move(points)), seen_(seen) {}
  bool uses_history() const override { return true; }
  absl::StatusOr<algorithms::Suggestions> Suggest(const algorithms::History& history,
                                                  const algorithms::Ask& ask) const override {
    *seen_ = history;
    algorithms::Suggestions suggestions;
    for (int i = 0; i < ask.count; ++i) {
      if (ask.handed_out + i >= static_cast<std::int64_t>(points_.size()))
        return absl::OutOfRangeError("no more");
      suggestions.proposals.push_back({{points_[ask.handed_out + i]}, {}, {}});
    }
    return suggestions;
  }

 private:
  const std::vector<std::int64_t> points_;
  algorithms::History* const seen_;
};

class StoppingTest : public ::testing::Test {
 protected:
  CurveRun Run(std::vector<std::int64_t> points, const std::string& stopping, int workers = 1) {
    Optimizer optimizer;
    optimizer.name = "recited";
    optimizer.create = [this, points](const algorithms::Problem&) {
      return std::make_unique<Recited>(points, &seen_);
    };
    const std::vector<Stopping> stoppings = Must(ParseStoppings(stopping));
    return Must(RunCurves(optimizer, Parallel(), stoppings.back(),
                          {.seed = 3, .trials = static_cast<int>(points.size()), .workers = workers}));
  }

  algorithms::History seen_;  // when the last trial was asked for
};

TEST_F(StoppingTest, WithoutARuleEveryEpochIsRun) {
  const CurveRun run = Run({4, 0, 7}, "none");
  EXPECT_EQ(run.trials, 3);
  EXPECT_EQ(run.stopped, 0);
  EXPECT_EQ(run.epochs, 30);
  EXPECT_EQ(run.best, 1.0);
  EXPECT_EQ(run.progress.front(), (Progress{1, 14.0, 1.0}));
  EXPECT_EQ(run.progress.back(), (Progress{20, 1.0, 20.0}));
  EXPECT_EQ(run.BestAfter(10), 5.0);
  EXPECT_EQ(run.BestAfter(19), 10.0 / 9);
  EXPECT_EQ(run.BestAfter(0), std::numeric_limits<double>::infinity());
}

TEST_F(StoppingTest, TrialsEndWhenTheirRulesFire) {
  // The first reports of 2 and 4 average 12 and 14 (medianstop with start_step 1 and two trials: 13): point 3 is no
  // worse, point 5 is, and 3 changes the median to 13.
  const CurveRun run = Run({2, 4, 3, 5, 9}, "medianstop(min_trials_required=2,start_step=1)");
  EXPECT_EQ(run.stopped, 2);
  EXPECT_EQ(run.epochs, 3 * testing::kParallelEpochs + 2);
  EXPECT_EQ(run.best, 3.0);
}

TEST_F(StoppingTest, TheOptimiserIsToldHowTrialsEnded) {
  Run({2, 4, 9, 0}, "medianstop(min_trials_required=2,start_step=4)");
  ASSERT_THAT(seen_.trials, SizeIs(3));
  EXPECT_EQ(seen_.trials[1].status, algorithms::TrialStatus::kSucceeded);
  EXPECT_THAT(seen_.trials[1].objectives, ElementsAre(5.0));
  EXPECT_EQ(seen_.trials[2].status, algorithms::TrialStatus::kEarlyStopped);
  EXPECT_THAT(seen_.trials[2].objectives, ElementsAre(9 + 10.0 / 4));
}

TEST_F(StoppingTest, APatientRuleIsDerivedFromTheCurveItself) {
  const CurveRun run = Run({2, 4}, "patience(patience=2,min_delta=0.5)");
  // 10, 5, 3.33, 2.5, 2, 1.67, 1.43: after 2, which is 0.5 below 2.5 and no more, 1.67 is 0.83 below it.
  // After 1.67 come 1.43 and 1.25.
  EXPECT_EQ(run.stopped, 2);
  EXPECT_EQ(run.epochs, 2 * 8);
}

TEST_F(StoppingTest, RunningTrialsGetNewerRulesUnlessTheyKeepTheirOwn) {
  // Four workers begin together, when there is no rule yet.
  const std::string settings = "min_trials_required=1,start_step=1";
  EXPECT_GT(Run({0, 0, 0, 9}, "medianstop(" + settings + ")", 4).stopped, 0);
  EXPECT_EQ(Run({0, 0, 0, 9}, "medianstop(" + settings + ",refresh=no)", 4).stopped, 0);
}

TEST_F(StoppingTest, EndsWhereTheSpaceDoes) {
  Optimizer optimizer;
  optimizer.create = [this](const algorithms::Problem&) {
    return std::make_unique<Recited>(std::vector<std::int64_t>{1, 2}, &seen_);
  };
  EXPECT_EQ(Must(RunCurves(optimizer, Parallel(), {"none", "", {}}, {.trials = 9, .workers = 4})).trials, 2);
}

TEST_F(StoppingTest, NeedsALearningCurve) {
  Problem problem = Parallel();
  problem.fidelity.reset();
  EXPECT_EQ(RunCurves(testing::HashOptimizer(), problem, {"none", "", {}}, {.trials = 1}).status().message(),
            "parallel has no learning curves");
}

// As docs/early-stopping.md has it: the best value of random search within noise, at clearly fewer epochs.
TEST(MedianStopOnRecordedCurves, KeepsTheBestAtFewerEpochs) {
  const std::vector<Optimizer> optimizers = Must(ParseOptimizers("random"));
  const std::vector<Stopping> stoppings = Must(ParseStoppings("medianstop"));
  for (const char* name : {"mlp_digits", "mlp_diabetes"}) {
    const std::vector<std::string> names = {name};
    const Problem problem = Must(FindProblems(names, {}))[0].problem;
    std::vector<std::vector<CurveRun>> runs(2);
    for (size_t i = 0; i < 2; ++i) {
      for (std::uint64_t seed = 0; seed < 20; ++seed)
        runs[i].push_back(Must(
            RunCurves(optimizers[0], problem, stoppings[i], {.seed = seed, .trials = 50, .workers = 4})));
    }
    const StoppingFigures figures = Compare(runs[1], runs[0], *problem.fidelity->best);
    EXPECT_LT(figures.epochs_share, 0.65) << name;
    EXPECT_LE(figures.difference, 2 * figures.standard_error) << name;
    EXPECT_EQ(figures.better, 0) << name
                                 << ": the points are the same, so nothing can be found that was not there";
  }
}

TEST_F(StoppingTest, CountsTheStoppedTrialsThatWouldHaveWon) {
  Problem problem = Parallel();  // point 0 stays at 5, the others come down from 9 to their number
  problem.fidelity->loss = [](const algorithms::Point& point, int epoch) -> absl::StatusOr<double> {
    const auto x = static_cast<double>(WholeAt(point, 0));
    return x == 0 ? 5 : std::max(x, 10.0 - epoch);
  };
  Optimizer optimizer;
  optimizer.create = [this](const algorithms::Problem&) {
    return std::make_unique<Recited>(std::vector<std::int64_t>{0, 3, 7, 4}, &seen_);
  };
  const Stopping threshold = Must(ParseStoppings("threshold(value=6)")).back();
  const CurveRun run = Must(RunCurves(optimizer, problem, threshold, {.seed = 3, .trials = 4, .workers = 1}));
  EXPECT_EQ(run.stopped, 3);
  EXPECT_EQ(run.stopped_winners, 2) << "3 and 4 would have been better than 5";
}

TEST(CurveRun, KnowsWhenItGotThere) {
  CurveRun run;
  run.progress = {{1, 9, 1}, {4, 5, 4}, {7, 2, 7}};
  EXPECT_EQ(run.EpochsTo(5), 4);
  EXPECT_EQ(run.EpochsTo(4.9), 7);
  EXPECT_EQ(run.EpochsTo(1), std::nullopt);
}

TEST(ParseStoppings, ReadsLabelsSettingsAndRefresh) {
  const std::vector<Stopping> stoppings =
      Must(ParseStoppings("medianstop,katib=medianstop(statistic=mean,evaluate=once,refresh=no), none"));
  ASSERT_THAT(stoppings, SizeIs(3));
  EXPECT_EQ(stoppings[0].name, "none");
  EXPECT_TRUE(stoppings[0].algorithm.empty());
  EXPECT_TRUE(stoppings[1].refresh);
  EXPECT_EQ(stoppings[2].name, "katib");
  EXPECT_EQ(stoppings[2].algorithm, "medianstop");
  EXPECT_FALSE(stoppings[2].refresh);
  EXPECT_THAT(stoppings[2].settings, SizeIs(2));
}

TEST(ParseStoppings, SaysWhatIsWrong) {
  const auto message = [](std::string_view text) {
    return std::string(MessageOf(ParseStoppings(text).status()));
  };
  EXPECT_EQ(message("median"),
            "unknown early-stopping rule \"median\"; there are asha, curve, hyperband-stop, medianstop, "
            "patience, threshold");
  EXPECT_EQ(message("patience(patience=0)"), "patience must be greater than zero (>0)");
  EXPECT_EQ(message("patience(refresh=maybe)"), "refresh must be yes or no, got 'maybe'");
  EXPECT_EQ(message("patience,patience"), "\"patience\" is given twice");
}

TEST(CompareStopping, PairsRunsBySeed) {
  const auto run = [](int stopped, std::int64_t epochs, double best, std::vector<Progress> progress = {}) {
    return CurveRun{.trials = 10,
                    .stopped = stopped,
                    .stopped_winners = stopped / 5,
                    .epochs = epochs,
                    .best = best,
                    .progress = std::move(progress)};
  };
  const std::vector<CurveRun> plain = {run(0, 100, 1, {{10, 4}, {60, 1}}), run(0, 100, 3, {{40, 3}}),
                                       run(0, 100, 2, {{70, 2}})};
  const std::vector<CurveRun> stopped = {run(5, 50, 2), run(4, 60, 3), run(6, 70, 1.5)};
  const StoppingFigures figures = Compare(stopped, plain, 1);
  EXPECT_DOUBLE_EQ(figures.epochs, 60);
  EXPECT_DOUBLE_EQ(figures.epochs_share, 0.6);
  EXPECT_DOUBLE_EQ(figures.stopped_share, 0.5);
  EXPECT_DOUBLE_EQ(figures.winners_share, 2.0 / 15);
  EXPECT_DOUBLE_EQ(figures.regret, (1 + 2 + 0.5) / 3);
  EXPECT_DOUBLE_EQ(figures.difference, 0.5 / 3);
  // Of 1, 0 and -0.5 the standard deviation is sqrt(7 / 12).
  EXPECT_NEAR(figures.standard_error, std::sqrt(7.0 / 12 / 3), 1e-12);
  EXPECT_EQ(figures.worse, 1);
  EXPECT_EQ(figures.same, 1);
  EXPECT_EQ(figures.better, 1);
  EXPECT_DOUBLE_EQ(figures.regret_of_as_many_epochs, (3 + 2 + 1.0) / 3);
}

}  // namespace
}  // namespace qalam::bench
