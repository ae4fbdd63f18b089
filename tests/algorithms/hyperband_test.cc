#include "algorithms/hyperband.h"

#include <gmock/gmock.h>

#include "algorithms/hyperband_plan.h"
#include "tests/algorithms/halving_support.h"

namespace qalam::algorithms {
namespace {

using ::testing::ElementsAre;
using testing::EpochsProblem;
using ::testing::IsEmpty;
using testing::Must;
using testing::OneOf;
using testing::ProblemOf;
using testing::TrialAt;
using testing::Whole;
using enum TrialStatus;

// Nine configurations with one epoch, three with three, one with nine; then five with three, and so on.
class HyperbandOfNine : public ::testing::Test {
 protected:
  Suggestions Ask(int count) const {
    return Must(Must(hyperband::Create(problem_))
                    ->Suggest(history_, {static_cast<int>(history_.trials.size()), count, {}}));
  }

  std::vector<std::int64_t> EpochsOf(const Suggestions& suggestions) const {
    std::vector<std::int64_t> epochs;
    for (const Proposal& proposal : suggestions.proposals)
      epochs.push_back(std::get<std::int64_t>(proposal.point[1]));
    return epochs;
  }

  // What is promoted, as parents.
  std::vector<std::string> Parents(int count) const {
    std::vector<std::string> parents;
    for (const Proposal& proposal : Ask(count).proposals) {
      if (const auto parent = proposal.labels.find("qalam.dev/parent"); parent != proposal.labels.end()) {
        parents.push_back(parent->second);
      }
    }
    return parents;
  }

  // Trials t0 ... t8, whose values fall from 0.9 to 0.1.
  void AddFirstRung() {
    for (int i = 0; i < 9; ++i) Add((9 - i) / 10.0, 1);
  }

  void Add(double x, std::int64_t epochs, TrialStatus status = kSucceeded) {
    history_.trials.push_back(TrialAt(static_cast<int>(history_.trials.size()), x, epochs, status));
  }

  Problem problem_ = EpochsProblem(9);
  History history_;
};

TEST_F(HyperbandOfNine, BeginsBracketByBracketWhileNothingHasEnded) {
  EXPECT_THAT(EpochsOf(Ask(19)), ElementsAre(1, 1, 1, 1, 1, 1, 1, 1, 1, 3, 3, 3, 3, 3, 9, 9, 9, 1, 1));
  const Suggestions suggestions = Ask(18);
  EXPECT_EQ(suggestions.proposals[8].labels.at("qalam.dev/bracket"), "0");
  EXPECT_EQ(suggestions.proposals[9].labels.at("qalam.dev/bracket"), "1");
  EXPECT_EQ(suggestions.proposals[17].labels.at("qalam.dev/bracket"), "3");
}

TEST_F(HyperbandOfNine, PromotesTheBestThirdOfAFullRung) {
  AddFirstRung();
  EXPECT_THAT(Parents(5), ElementsAre("t8", "t7", "t6"));
  EXPECT_THAT(EpochsOf(Ask(5)), ElementsAre(3, 3, 3, 3, 3));
  Add(0.1, 3);
  Add(0.2, 3, kPending);
  EXPECT_THAT(Parents(1), ElementsAre("t6"));
  Add(0.3, 3);
  EXPECT_THAT(Parents(1), IsEmpty());
  history_.trials[10] = TrialAt(10, 0.2, 3);
  EXPECT_THAT(Parents(2), ElementsAre("t9"));
  EXPECT_THAT(EpochsOf(Ask(2)), ElementsAre(9, 3));
}

// With one result to come, the best two of the others are among the best three whatever it is.
TEST_F(HyperbandOfNine, PromotesWhatIsCertainBeforeTheRungIsFull) {
  AddFirstRung();
  history_.trials[0] = TrialAt(0, 0.9, 1, kPending);
  EXPECT_THAT(Parents(5), ElementsAre("t8", "t7"));
  history_.trials[1] = TrialAt(1, 0.8, 1, kPending);
  EXPECT_THAT(Parents(5), ElementsAre("t8"));
  history_.trials[2] = TrialAt(2, 0.7, 1, kPending);
  EXPECT_THAT(Parents(5), IsEmpty());
}

TEST_F(HyperbandOfNine, PointsThatNeverBecameTrialsAreMadeUpFor) {
  AddFirstRung();
  history_.trials.resize(7);
  const auto answer = Must(Must(hyperband::Create(problem_))->Suggest(history_, {30, 4, {}}));
  // The best one goes on whatever becomes of the two that bracket 0 lacks; then bracket 1 begins.
  EXPECT_THAT(EpochsOf(answer), ElementsAre(3, 1, 1, 3));
}

TEST_F(HyperbandOfNine, FailedOnesAreTheWorstAndKilledOnesAreReplaced) {
  AddFirstRung();
  history_.trials[8] = TrialAt(8, 0.1, 1, kFailed);
  history_.trials[7] = TrialAt(7, 0.2, 1, kEarlyStopped);
  EXPECT_THAT(Parents(5), ElementsAre("t6", "t5", "t4"));
  history_.trials[6] = TrialAt(6, 0.3, 1, kKilled);
  EXPECT_THAT(Parents(5), ElementsAre("t5", "t4"));  // another may still be better
  EXPECT_THAT(EpochsOf(Ask(4)), ElementsAre(3, 3, 1, 3));
}

TEST_F(HyperbandOfNine, ASecondRungOfFewerIsFull) {
  AddFirstRung();
  for (int i = 0; i < 7; ++i) history_.trials[i] = TrialAt(i, (9 - i) / 10.0, 1, kFailed);
  EXPECT_THAT(Parents(5), ElementsAre("t8", "t7"));
  Add(0.1, 3, kFailed);
  Add(0.2, 3);
  EXPECT_THAT(Parents(5), ElementsAre("t10"));
}

TEST_F(HyperbandOfNine, AKilledPromotionIsMadeAgainButNotForEver) {
  AddFirstRung();
  for (int times = 1; times <= 2; ++times) {
    Add(0.1, 3, kKilled);
    EXPECT_THAT(Parents(1), ElementsAre("t8")) << times;
  }
  Add(0.1, 3, kKilled);
  EXPECT_THAT(Parents(3), ElementsAre("t7", "t6"));
}

TEST_F(HyperbandOfNine, AReplyThatWasLostIsMadeAgainAndOneThatWasKeptIsNot) {
  AddFirstRung();
  const Suggestions first = Ask(1);
  EXPECT_EQ(first.proposals[0].labels.at("qalam.dev/parent"), "t8");
  EXPECT_THAT(Parents(1), ElementsAre("t8"));
  for (const Setting& setting : first.settings) problem_.settings.push_back(setting);
  EXPECT_THAT(Parents(3), ElementsAre("t7", "t6"));
}

TEST_F(HyperbandOfNine, ReturnsWhatKatibReturns) {
  problem_.settings = {{"r_l", "9"}, {"resource_name", "epochs"}};
  const auto setting = [](const Suggestions& suggestions, std::string_view name) {
    return std::string(FindSetting(suggestions.settings, name).value_or("missing"));
  };
  const Suggestions first = Ask(9);
  for (const auto& [name, value] : std::map<std::string, std::string>{{"eta", "3"},
                                                                      {"s_max", "2"},
                                                                      {"r_l", "9.0"},
                                                                      {"b_l", "27.0"},
                                                                      {"r", "1.0"},
                                                                      {"n", "9"},
                                                                      {"current_s", "2"},
                                                                      {"current_i", "0"},
                                                                      {"resource_name", "epochs"},
                                                                      {"evaluating_trials", "9"}}) {
    EXPECT_EQ(setting(first, name), value) << name;
  }
  AddFirstRung();
  EXPECT_EQ(setting(Ask(1), "current_i"), "1");
  EXPECT_EQ(setting(Ask(4), "current_s"), "1");
}

TEST_F(HyperbandOfNine, ItsOwnSettingsComingBackChangeNothingWhateverTheySay) {
  AddFirstRung();
  const std::vector<std::int64_t> expected = EpochsOf(Ask(7));
  for (const Setting& setting : Ask(0).settings) problem_.settings.push_back(setting);
  for (const char* name :
       {"s_max", "b_l", "r", "n", "current_s", "current_i", "evaluating_trials", "promotions"}) {
    for (const char* text : {"", "-1", "abc", "1e308", "zz:1:1 :: 5:99999999999:1 5:-1:2"}) {
      problem_.settings.push_back({name, text});
      EXPECT_EQ(EpochsOf(Ask(7)), expected) << name << "=" << text;
    }
  }
}

// Labels that say otherwise than the point, and absurd ones, are not believed.
TEST_F(HyperbandOfNine, LivesWithStrangeLabels) {
  AddFirstRung();
  const char* labels[] = {"1", "-3", "x", "99999999999999", "2147483647", "", "2", "4", "5"};
  for (int i = 0; i < 9; ++i) history_.trials[i].labels["qalam.dev/bracket"] = labels[i];
  EXPECT_THAT(Parents(5), ElementsAre("t8", "t7", "t6"));
}

class HyperbandSettings : public ::testing::Test {
 protected:
  static std::string Refusal(Settings settings, int most = 81) {
    const absl::Status status = hyperband::Validate(
        ProblemOf({OneOf("c", {"a", "b"}), Whole("epochs", 1, most)}, std::move(settings)));
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    return std::string(status.message());
  }
};

TEST_F(HyperbandSettings, AreRefusedAsKatibDoes) {
  EXPECT_EQ(Refusal({{"r_l", "9"}}), "r_l and resource_name must be set.");
  EXPECT_EQ(Refusal({{"resource_name", "epochs"}}), "r_l and resource_name must be set.");
  for (const char* r_l : {"-1", "0", "abc", "", "nan", "inf"}) {
    EXPECT_EQ(Refusal({{"r_l", r_l}, {"resource_name", "epochs"}}), "r_l must be a positive float number.")
        << r_l;
  }
  EXPECT_EQ(Refusal({{"r_l", "9"}, {"resource_name", "step"}}),
            "resource_name must be the name of a parameter, got 'step'");
  EXPECT_EQ(Refusal({{"r_l", "9"}, {"resource_name", "epochs"}, {"eta", "1"}}),
            "eta must be greater than 1, got 1");
  EXPECT_EQ(Refusal({{"r_l", "9"}, {"resource_name", "epochs"}, {"eta", "x"}}),
            "failed to validate eta(x): not a number");
  EXPECT_EQ(
      Refusal({{"r_l", "100"}, {"resource_name", "epochs"}}),
      "the largest resource must be above 0 and within 1 .. 81, the range of parameter epochs, got 100");
}

TEST_F(HyperbandSettings, AreAcceptedAsKatibDoesAndWithFewerParallelTrials) {
  Problem problem = EpochsProblem(81, {{"unknown", "1"}, {"eta", "-2"}});
  problem.parallel_trial_count = 1;
  EXPECT_TRUE(hyperband::Validate(problem).ok()) << hyperband::Validate(problem);
  problem.settings.push_back({"eta", "2.5"});
  EXPECT_TRUE(hyperband::Validate(problem).ok());
}

// Katib's example.
TEST_F(HyperbandSettings, LetAResourceOfOneValueBeFree) {
  Problem problem = ProblemOf({OneOf("c", {"a", "b", "c"}), Whole("num-epochs", 1, 1)},
                              {{"resource_name", "num-epochs"}, {"eta", "2"}, {"r_l", "2"}});
  EXPECT_TRUE(hyperband::Validate(problem).ok());
  hyperband::Adapt(problem);
  const auto algorithm = Must(hyperband::Create(problem));
  EXPECT_THAT(testing::Texts(problem, testing::Points(*algorithm, 0, 3), 1), ElementsAre("1", "1", "2"));
}

// Katib's test of its service asks so.
TEST_F(HyperbandSettings, AnUnknownResourceIsRefusedAtValidationOnly) {
  const Problem problem =
      ProblemOf({OneOf("c", {"a", "b"})}, {{"resource_name", "--num-epochs"}, {"r_l", "10"}});
  EXPECT_FALSE(hyperband::Validate(problem).ok());
  EXPECT_EQ(testing::Points(*Must(hyperband::Create(problem)), 0, 2).size(), 2u);
}

}  // namespace
}  // namespace qalam::algorithms
