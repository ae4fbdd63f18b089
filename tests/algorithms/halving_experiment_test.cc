// Whole experiments of everything that promotes, as controllers run them.

#include <gmock/gmock.h>

#include "tests/algorithms/halving_support.h"

namespace qalam::algorithms {
namespace {

using testing::EpochsProblem;
using testing::Experiment;
using testing::OneOf;
using testing::ProblemOf;
using testing::Whole;

class HalvingExperiment : public ::testing::TestWithParam<const char*> {};

TEST_P(HalvingExperiment, NeverStallsAndNeverRunsAPointTwice) {
  for (const bool labels : {true, false}) {
    Experiment experiment(GetParam(), EpochsProblem(27), {.labels = labels, .failed = 0.1, .stopped = 0.1});
    experiment.Run(300);
    const int early = experiment.Succeeded(27);
    experiment.Run(300);
    EXPECT_GE(early, 5) << labels;
    EXPECT_GE(experiment.Succeeded(27), early + 5) << labels;
    EXPECT_EQ(experiment.Repeated(), 0) << labels;
  }
}

// Names and whole seconds are all that says what came first.
TEST_P(HalvingExperiment, LivesWithoutLabelsNumbersSettingsAndSomeOfTheReplies) {
  Experiment experiment(GetParam(), EpochsProblem(27),
                        {.labels = false,
                         .settings = false,
                         .numbers = false,
                         .lost_replies = 0.3,
                         .failed = 0.2,
                         .killed = 0.2,
                         .parallel = 9});
  experiment.Run(300);
  const int early = experiment.Succeeded(27);
  experiment.Run(300);
  EXPECT_GE(early, 3);
  EXPECT_GE(experiment.Succeeded(27), early + 3);
  EXPECT_EQ(experiment.Repeated(), 0);
}

// Some seventeen rounds, each of which ends with eight runs of all epochs if nothing fails.
TEST(HyperbandExperiment, LastsForManyRounds) {
  Experiment experiment(
      "hyperband", EpochsProblem(27),
      {.labels = false, .numbers = false, .lost_replies = 0.1, .failed = 0.1, .killed = 0.05});
  experiment.Run(1200);
  EXPECT_GE(experiment.Succeeded(27), 60);
  EXPECT_EQ(experiment.Repeated(), 0);
}

// Katib's controller never sends trials without metrics: a promotion that ends so must not be suggested for ever.
TEST_P(HalvingExperiment, DoesNotRepeatPromotionsThatNeverComeBack) {
  Experiment experiment(GetParam(), EpochsProblem(27), {.labels = false, .hidden = 0.3});
  experiment.Run(500);
  EXPECT_GE(experiment.Succeeded(27), 4);
  EXPECT_EQ(experiment.Repeated(), 0);
}

TEST_P(HalvingExperiment, EndsInFullRunsWhenConfigurationsAreUsedUp) {
  Problem problem =
      ProblemOf({OneOf("c", {"a", "b", "c", "d", "e"}), Whole("epochs", 1, 27)}, EpochsProblem(27).settings);
  Experiment experiment(GetParam(), problem, {});
  experiment.Run(60);
  std::set<std::uint64_t> with_all;
  for (const Trial& trial : experiment.trials()) {
    if (trial.status == TrialStatus::kSucceeded && trial.point->back() == Value(std::int64_t{27})) {
      with_all.insert(PointKey(problem.space, *trial.point));
    }
  }
  EXPECT_EQ(with_all.size(), 5u);
}

TEST_P(HalvingExperiment, TakesAResourceThatIsTheOnlyParameter) {
  Experiment experiment(GetParam(), ProblemOf({Whole("epochs", 1, 27)}, EpochsProblem(27).settings), {});
  experiment.Run(20);
  EXPECT_GE(experiment.Succeeded(27), 1);
}

TEST_P(HalvingExperiment, LabelsSayWhereATrialComesFrom) {
  Experiment experiment(GetParam(), EpochsProblem(27), {.failed = 0.1});
  experiment.Run(300);
  std::map<std::string, const Trial*> by_name;
  int promoted = 0;
  for (const Trial& trial : experiment.trials()) {
    by_name[trial.name] = &trial;
    ASSERT_TRUE(trial.labels.contains("qalam.dev/bracket"));
    const auto parent = trial.labels.find("qalam.dev/parent");
    const int rung = std::stoi(trial.labels.at("qalam.dev/rung"));
    ASSERT_EQ(rung > 0, parent != trial.labels.end());
    if (rung == 0) continue;
    ++promoted;
    ASSERT_TRUE(by_name.contains(parent->second));
    const Trial& from = *by_name[parent->second];
    EXPECT_EQ(from.status, TrialStatus::kSucceeded);
    EXPECT_EQ(from.point->front(), trial.point->front());
    EXPECT_EQ(std::get<std::int64_t>(from.point->back()) * 3, std::get<std::int64_t>(trial.point->back()));
    EXPECT_EQ(from.labels.at("qalam.dev/bracket"), trial.labels.at("qalam.dev/bracket"));
    EXPECT_EQ(std::stoi(from.labels.at("qalam.dev/rung")) + 1, rung);
  }
  EXPECT_GE(promoted, 50);
}

TEST_P(HalvingExperiment, AsksForMoreThanOneAtATimeAreWholeAnswers) {
  for (const int parallel : {1, 3, 7, 100}) {
    Experiment experiment(GetParam(), EpochsProblem(9), {.parallel = parallel});
    experiment.Run(300);
    EXPECT_GE(experiment.Succeeded(9), 5) << parallel;
  }
}

INSTANTIATE_TEST_SUITE_P(All, HalvingExperiment, ::testing::Values("asha", "bohb", "hyperband"),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
}  // namespace qalam::algorithms
