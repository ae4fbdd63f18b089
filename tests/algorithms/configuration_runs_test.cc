#include "algorithms/configuration_runs.h"

#include <gmock/gmock.h>

#include "algorithms/promotion_memory.h"
#include "tests/algorithms/halving_support.h"

namespace qalam::algorithms {
namespace {

using ::testing::ElementsAre;
using testing::EpochsProblem;
using ::testing::IsEmpty;
using testing::Must;
using testing::TrialAt;
using State = Run::State;
using enum TrialStatus;

class ConfigurationRunsTest : public ::testing::Test {
 protected:
  ConfigurationRuns Runs() const { return {problem_, space_, history_}; }
  std::uint64_t KeyOf(double x) const { return PointKey(space_.configurations(), {x}); }

  const Problem problem_ = EpochsProblem(9);
  const FidelitySpace space_ = Must(FidelitySpace::Make(problem_.space, {"epochs", 9, {}, 3}));
  History history_;
};

TEST_F(ConfigurationRunsTest, AConfigurationHasOneRunPerLevel) {
  history_.trials = {TrialAt(2, 0.5, 9, kPending), TrialAt(1, 0.25, 3), TrialAt(0, 0.5, 4)};
  const ConfigurationRuns runs = Runs();
  ASSERT_EQ(runs.all().size(), 2u);
  const Configuration& first = runs.all()[0];
  EXPECT_EQ(first.point, Point{0.5});
  EXPECT_EQ(first.first_level, 1);  // four epochs reach the level of three
  EXPECT_EQ(first.runs[0].state, State::kNone);
  EXPECT_EQ(first.runs[1].state, State::kDone);
  EXPECT_EQ(first.runs[1].value, 0.5);
  EXPECT_EQ(first.runs[1].trial, "t0");
  EXPECT_EQ(first.runs[2].state, State::kRunning);
}

TEST_F(ConfigurationRunsTest, OfSeveralTrialsTheOneThatSaysMostCounts) {
  history_.trials = {TrialAt(0, 0.5, 1, kKilled), TrialAt(1, 0.5, 1, kFailed)};
  EXPECT_EQ(Runs().all()[0].runs[0].state, State::kFailed);
  history_.trials.push_back(TrialAt(2, 0.5, 1, kPending));
  EXPECT_EQ(Runs().all()[0].runs[0].state, State::kRunning);
  history_.trials.push_back(TrialAt(3, 0.5, 1, kEarlyStopped));
  EXPECT_EQ(Runs().all()[0].runs[0].state, State::kStopped);
  history_.trials.push_back(TrialAt(4, 0.5, 1));
  EXPECT_EQ(Runs().all()[0].runs[0].trial, "t4");
  history_.trials.push_back(TrialAt(5, 0.5, 1));
  EXPECT_EQ(Runs().all()[0].runs[0].trial, "t4");
}

TEST_F(ConfigurationRunsTest, KilledThreeTimesIsFailed) {
  for (int i = 0; i < 2; ++i) history_.trials.push_back(TrialAt(i, 0.5, 1, kKilled));
  EXPECT_FALSE(Runs().all()[0].has_begun());
  history_.trials.push_back(TrialAt(2, 0.5, 1, kKilled));
  EXPECT_EQ(Runs().all()[0].runs[0].state, State::kFailed);
}

TEST_F(ConfigurationRunsTest, ValuesThatAreNoneAreFailures) {
  Trial trial = TrialAt(0, 0.5, 1);
  trial.objectives = {std::nan("")};
  history_.trials = {trial};
  EXPECT_EQ(Runs().all()[0].runs[0].state, State::kFailed);
}

TEST_F(ConfigurationRunsTest, TellsTheBestOfALevelTheEarlierOfEqualOnesFirst) {
  history_.trials = {TrialAt(0, 0.5, 1), TrialAt(1, 0.25, 1), TrialAt(2, 0.75, 1), TrialAt(3, 0.1, 3)};
  history_.trials[2].objectives = {0.25};
  EXPECT_THAT(BestFirst(Runs().all(), {0, 1, 2, 3}, 0), ElementsAre(1, 2, 0));
  EXPECT_THAT(BestFirst(Runs().all(), {0, 2}, 0), ElementsAre(2, 0));
}

TEST_F(ConfigurationRunsTest, CountsWhatIsLeftOfAFiniteSpace) {
  EXPECT_GE(Runs().free(), std::uint64_t{1} << 62);
  const Problem small =
      testing::ProblemOf({testing::OneOf("c", {"a", "b", "c"}), testing::Whole("epochs", 1, 9)});
  const FidelitySpace space = Must(FidelitySpace::Make(small.space, {"epochs", 9, {}, 3}));
  Trial trial = TrialAt(0, 0, 1);
  trial.point = Point{Choice{1}, std::int64_t{1}};
  EXPECT_EQ(ConfigurationRuns(small, space, {{trial, trial}, {}}).free(), 2u);
  trial.status = kKilled;
  EXPECT_EQ(ConfigurationRuns(small, space, {{trial}, {}}).free(), 3u);
}

TEST_F(ConfigurationRunsTest, RecallsPromotionsThatHaveNotEnded) {
  history_.trials = {TrialAt(0, 0.5, 1),  TrialAt(1, 0.25, 1), TrialAt(2, 0.25, 3, kKilled),
                     TrialAt(3, 0.75, 1), TrialAt(4, 0.8, 1),  TrialAt(5, 0.8, 3, kPending),
                     TrialAt(6, 0.85, 1), TrialAt(7, 0.85, 3)};
  ConfigurationRuns runs = Runs();
  const std::vector<SuggestedPromotion> told = {
      {KeyOf(0.5), 1, 90}, {KeyOf(0.25), 1, 90}, {KeyOf(0.75), 1, 10}, {KeyOf(0.9), 1, 90},
      {KeyOf(0.5), 7, 90}, {KeyOf(0.8), 1, 10},  {KeyOf(0.85), 1, 90}};
  EXPECT_THAT(Recall(told, 100, 20, runs), ElementsAre(told[0], told[2], told[5]));
  EXPECT_EQ(runs.all()[0].runs[1].state, State::kRunning);
  EXPECT_EQ(runs.all()[1].runs[1].state, State::kNone);
  EXPECT_EQ(runs.all()[2].runs[1].state, State::kFailed);
  EXPECT_EQ(runs.all()[3].runs[1].state, State::kRunning);
}

TEST(PromotionMemory, TextReadsBackAndBrokenTextIsLeftOut) {
  const std::vector<SuggestedPromotion> promotions = {{0xfedcba9876543210, 1, 17}, {0, 0, 0}};
  EXPECT_EQ(PromotionsText(promotions), "fedcba9876543210:1:17 0:0:0");
  EXPECT_EQ(ParsePromotions(PromotionsText(promotions)), promotions);
  for (const char* text : {"", " ", ":", "1:2", "1:2:", "1:2:3:4", "x:1:1", "1:-1:1", "1:1:-1", "1:1:1x",
                           "11111111111111111:1:1", "1:99999999999:1"}) {
    EXPECT_THAT(ParsePromotions(text), IsEmpty()) << text;
  }
  EXPECT_THAT(ParsePromotions("bad  1:1:1 ? "), ElementsAre(SuggestedPromotion{1, 1, 1}));
}

TEST(PromotionMemory, KeepsTheNewest) {
  std::vector<SuggestedPromotion> promotions;
  for (int i = 0; i < 1000; ++i) promotions.push_back({1, 1, i});
  const auto kept = ParsePromotions(PromotionsText(promotions));
  ASSERT_EQ(kept.size(), 256u);
  EXPECT_EQ(kept.back().number, 999);
}

}  // namespace
}  // namespace qalam::algorithms
