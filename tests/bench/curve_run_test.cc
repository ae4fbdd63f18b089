#include "bench/curve_run.h"

#include <gmock/gmock.h>

#include "algorithms/trial_labels.h"
#include "bench/search.h"
#include "tests/bench/support.h"

namespace qalam::bench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::Parallel;
using ::testing::SizeIs;

// A trial to be proposed: x of Parallel(), epochs, and the trial from whose checkpoint it goes on.
struct Step {
  std::int64_t x, epochs;
  std::string parent;
};

// What the algorithm was made for, and what it was told with the last ask.
struct Seen {
  algorithms::Problem problem;
  algorithms::History history;
};

// Proposes "t0", "t1", ... in the order given, whatever happens.
class Scripted final : public algorithms::Algorithm {
 public:
  Scripted(std::vector<Step> steps, Seen* seen) : steps_(std::move(steps)), seen_(seen) {}
  bool uses_history() const override { return true; }
  absl::StatusOr<algorithms::Suggestions> Suggest(const algorithms::History& history,
                                                  const algorithms::Ask& ask) const override {
    seen_->history = history;
    algorithms::Suggestions suggestions;
    for (int i = 0; i < ask.count; ++i) {
      const auto number = static_cast<size_t>(ask.handed_out) + i;
      if (number >= steps_.size()) return absl::OutOfRangeError("no more");
      algorithms::Proposal proposal{
          {steps_[number].x, steps_[number].epochs}, "t" + std::to_string(number), {}};
      if (!steps_[number].parent.empty())
        proposal.labels.emplace(algorithms::kParentLabel, steps_[number].parent);
      suggestions.proposals.push_back(std::move(proposal));
    }
    return suggestions;
  }

 private:
  const std::vector<Step> steps_;
  Seen* const seen_;
};

const Stopping kNone = {"none", "", {}};

class CurveRunTest : public ::testing::Test {
 protected:
  Optimizer Script(std::vector<Step> steps) {
    Optimizer optimizer;
    optimizer.name = "scripted";
    optimizer.takes_resource = true;
    optimizer.create = [this, steps](const algorithms::Problem& problem) {
      seen_.problem = problem;
      return std::make_unique<Scripted>(steps, &seen_);
    };
    return optimizer;
  }

  Seen seen_;
};

// Three points for an epoch each; the best one is promoted to three epochs and to nine.
const std::vector<Step> kHalving = {{4, 1, ""}, {2, 1, ""}, {0, 1, ""}, {0, 3, "t2"}, {0, 9, "t3"}};

TEST_F(CurveRunTest, APromotionCostsTheEpochsAfterItsCheckpoint) {
  const CurveRun run = Must(RunCurves(Script(kHalving), Parallel(), kNone, {.trials = 5}));
  EXPECT_EQ(run.trials, 5);
  EXPECT_EQ(run.resumed, 2);
  EXPECT_EQ(run.epochs, 3 + 2 + 6);
  EXPECT_EQ(run.time, 11);
  EXPECT_EQ(run.progress, (std::vector<Progress>{{1, 14, 1},
                                                 {2, 12, 2},
                                                 {3, 10, 3},
                                                 {4, 5, 4},
                                                 {5, 10.0 / 3, 5},
                                                 {6, 2.5, 6},
                                                 {7, 2, 7},
                                                 {8, 10.0 / 6, 8},
                                                 {9, 10.0 / 7, 9},
                                                 {10, 1.25, 10},
                                                 {11, 10.0 / 9, 11}}));
}

TEST_F(CurveRunTest, OrAllEpochsWhereItBeginsAgain) {
  const CurveRun run =
      Must(RunCurves(Script(kHalving), Parallel(), kNone, {.trials = 5, .from_scratch = true}));
  EXPECT_EQ(run.resumed, 0);
  EXPECT_EQ(run.epochs, 3 + 3 + 9);
  EXPECT_EQ(run.best, 10.0 / 9);
}

TEST_F(CurveRunTest, AlgorithmsOfResourcesGetAParameterAndItsSettings) {
  Must(RunCurves(Script(kHalving), Parallel(), kNone, {.trials = 5, .workers = 2}));
  ASSERT_EQ(seen_.problem.space.size(), 2u);
  const algorithms::Parameter& epochs = seen_.problem.space.parameters()[1];
  EXPECT_EQ(epochs.name(), "epochs");
  EXPECT_EQ(epochs.range().min, 1);
  EXPECT_EQ(epochs.range().max, 10);
  EXPECT_EQ(algorithms::FindSetting(seen_.problem.settings, "resource_name"), "epochs");
  EXPECT_EQ(algorithms::FindSetting(seen_.problem.settings, "r_l"), "10");

  Optimizer own = Script(kHalving);
  own.settings = {{"r_l", "5"}};
  Must(RunCurves(own, Parallel(), kNone, {.trials = 5}));
  EXPECT_EQ(algorithms::FindSetting(seen_.problem.settings, "r_l"), "5");
}

TEST_F(CurveRunTest, TheOptimiserIsToldWhatATrialReportedItself) {
  Must(RunCurves(Script(kHalving), Parallel(), kNone, {.trials = 5}));
  ASSERT_THAT(seen_.history.trials, SizeIs(4));
  const algorithms::Trial& promoted = seen_.history.trials[3];
  EXPECT_EQ(promoted.status, algorithms::TrialStatus::kSucceeded);
  ASSERT_THAT(promoted.curve, SizeIs(2));
  EXPECT_EQ(promoted.curve[0].step, 2);
  EXPECT_THAT(promoted.objectives, ElementsAre(10.0 / 3));
  EXPECT_EQ(promoted.labels.at(std::string(algorithms::kParentLabel)), "t2");
}

TEST_F(CurveRunTest, WithoutACheckpointATrialBeginsAtItsFirstEpoch) {
  // Of a trial that there is not, of one that ran as long, and of one that has not ended.
  EXPECT_EQ(Must(RunCurves(Script({{1, 3, "gone"}}), Parallel(), kNone, {.trials = 1})).epochs, 3);
  EXPECT_EQ(Must(RunCurves(Script({{1, 3, ""}, {1, 3, "t0"}}), Parallel(), kNone, {.trials = 2})).epochs, 6);
  const CurveRun both =
      Must(RunCurves(Script({{1, 2, ""}, {1, 3, "t0"}}), Parallel(), kNone, {.trials = 2, .workers = 2}));
  EXPECT_EQ(both.epochs, 5);
  EXPECT_EQ(both.resumed, 0);
}

TEST_F(CurveRunTest, EpochsEndARunInTheMiddleOfATrial) {
  const CurveRun run =
      Must(RunCurves(testing::HashOptimizer(), Parallel(), kNone, {.seed = 1, .epochs = 25, .workers = 2}));
  EXPECT_EQ(run.epochs, 25);
  EXPECT_GE(run.trials, 3);
  EXPECT_LE(run.trials, 4);
}

TEST_F(CurveRunTest, IsAFunctionOfItsArguments) {
  const auto run = [](std::uint64_t seed) {
    return Must(
        RunCurves(testing::HashOptimizer(), Parallel(), kNone, {.seed = seed, .epochs = 200, .workers = 4}));
  };
  EXPECT_EQ(run(7).progress, run(7).progress);
  EXPECT_NE(run(7).time, run(8).time);
}

TEST_F(CurveRunTest, APromotedTrialIsAsFastAsItWas) {
  // Of two workers the first one is free first, and waits for nobody.
  constexpr std::uint64_t kSeed = 1;
  const double first = TrialSlowness(kSeed, 0), second = TrialSlowness(kSeed, 1);
  ASSERT_LT(first, second);
  ASSERT_LT(second, 10 * first);
  const CurveRun run = Must(RunCurves(Script({{0, 1, ""}, {9, 1, ""}, {0, 10, "t0"}}), Parallel(), kNone,
                                      {.seed = kSeed, .trials = 3, .workers = 2}));
  EXPECT_EQ(run.resumed, 1);
  EXPECT_DOUBLE_EQ(run.time, 10 * first);
}

TEST_F(CurveRunTest, RefusesWhatCannotBeRun) {
  Problem problem = Parallel();
  EXPECT_THAT(RunCurves(testing::HashOptimizer(), problem, kNone, {}).status().message(),
              HasSubstr("needs a limit, of trials or of epochs"));
  problem.space = Must(algorithms::SearchSpace::Make({Level("epochs", 10)}));
  EXPECT_THAT(RunCurves(Script({}), problem, kNone, {.trials = 1}).status().message(),
              HasSubstr("parallel: a parameter has the name epochs"));
}

}  // namespace
}  // namespace qalam::bench
