#include "algorithms/asha.h"

#include <gmock/gmock.h>

#include <map>

#include "tests/algorithms/halving_support.h"

namespace qalam::algorithms {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using testing::EpochsProblem;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::Le;
using testing::Must;
using testing::OneOf;
using testing::Points;
using testing::ProblemOf;
using testing::TrialAt;
using testing::Whole;

class Asha : public ::testing::Test {
 protected:
  // The next point, as "epochs from parent" or "epochs new".
  std::string Next() const {
    const int number = static_cast<int>(history_.trials.size());
    const Suggestions answer = Must(Must(asha::Create(problem_))->Suggest(history_, {number, 1, {}}));
    const Proposal& next = answer.proposals.at(0);
    const auto parent = next.labels.find("qalam.dev/parent");
    return std::to_string(std::get<std::int64_t>(next.point[1])) + " " +
           (parent == next.labels.end() ? "new" : "from " + parent->second);
  }

  void Add(double x, std::int64_t epochs, TrialStatus status = TrialStatus::kSucceeded) {
    history_.trials.push_back(TrialAt(static_cast<int>(history_.trials.size()), x, epochs, status));
  }

  Problem problem_ = EpochsProblem(9);
  History history_;
};

// By hand, after algorithm 2 of the paper: eta 3, rungs of 1, 3 and 9 epochs.
TEST_F(Asha, PromotesAsInAWorkedExample) {
  EXPECT_EQ(Next(), "1 new");
  Add(0.50, 1);
  Add(0.40, 1);
  EXPECT_EQ(Next(), "1 new");  // 2 / 3 rounds down to none
  Add(0.60, 1);
  EXPECT_EQ(Next(), "3 from t1");  // best of three
  Add(0.40, 3, TrialStatus::kPending);
  EXPECT_EQ(Next(), "1 new");  // the best of three has gone on
  Add(0.30, 1);
  EXPECT_EQ(Next(), "3 from t4");  // of four, one: now the new one
  Add(0.30, 3);
  EXPECT_EQ(Next(), "1 new");
  Add(0.70, 1);
  Add(0.80, 1);
  EXPECT_EQ(Next(), "1 new");  // of six, two: t4 and t1, both of which have gone on
  Add(0.45, 1);
  Add(0.55, 1);
  EXPECT_EQ(Next(), "1 new");
  Add(0.90, 1);
  EXPECT_EQ(Next(), "3 from t8");  // of nine, three: 0.30, 0.40, 0.45
  Add(0.45, 3);
  EXPECT_EQ(Next(), "1 new");  // two of the second rung have ended
  history_.trials[3] = TrialAt(3, 0.40, 3);
  EXPECT_EQ(Next(), "9 from t5");  // three, of which 0.30 is the best: the higher rung comes first
  Add(0.30, 9);
  EXPECT_EQ(Next(), "1 new");
}

TEST_F(Asha, FailedConfigurationsAreTheWorstOfTheirRung) {
  Add(0.5, 1, TrialStatus::kFailed);
  Add(0.4, 1, TrialStatus::kMetricsUnavailable);
  Add(0.3, 1, TrialStatus::kKilled);
  EXPECT_EQ(Next(), "1 new");
  Add(0.9, 1);
  EXPECT_EQ(Next(), "3 from t3");
}

TEST_F(Asha, WhatARuleEndedGoesNoFurther) {
  Add(0.1, 1, TrialStatus::kEarlyStopped);
  Add(0.5, 1);
  Add(0.6, 1);
  EXPECT_EQ(Next(), "3 from t1");
}

TEST_F(Asha, BracketsShareNewConfigurationsAsHyperbandDoes) {
  problem_ = EpochsProblem(81, {{"brackets", "3"}});
  std::map<std::int64_t, int> begun;
  for (const Point& point : Points(*Must(asha::Create(problem_)), 0, 1300))
    ++begun[std::get<std::int64_t>(point[1])];
  ASSERT_EQ(begun.size(), 3u);
  // 81 : 34 : 15 of 130, within five standard deviations.
  EXPECT_THAT(begun[1], AllOf(Ge(723), Le(897)));
  EXPECT_THAT(begun[3], AllOf(Ge(261), Le(419)));
  EXPECT_THAT(begun[9], AllOf(Ge(92), Le(208)));
}

TEST_F(Asha, RMaxDefaultsToTheParametersMax) {
  problem_ = ProblemOf({OneOf("c", {"a", "b"}), Whole("epochs", 2, 50)},
                       {{"resource_name", "epochs"}, {"r_min", "5"}});
  EXPECT_TRUE(asha::Validate(problem_).ok());
  EXPECT_THAT(testing::Texts(problem_, Points(*Must(asha::Create(problem_)), 0, 2), 1), Each("5"));
}

TEST_F(Asha, SamplersLearnFromResults) {
  for (const char* sampler : {"tpe", "bayesianoptimization"}) {
    problem_ = EpochsProblem(9, {{"sampler", sampler}});
    history_.trials.clear();
    for (int i = 0; i < 30; ++i) {
      const double x = (i + 0.5) / 30;
      Add(x, 1);
      history_.trials.back().objectives = {std::abs(x - 0.2)};
      Add(x, 3);
      history_.trials.back().objectives = {std::abs(x - 0.2)};
      Add(x, 9);
      history_.trials.back().objectives = {std::abs(x - 0.2)};
    }
    int near = 0;
    for (const Point& point : Points(*Must(asha::Create(problem_)), history_, 90, 10)) {
      near += std::abs(std::get<double>(point[0]) - 0.2) < 0.15;
    }
    EXPECT_GE(near, 6) << sampler;
  }
}

TEST_F(Asha, RefusesBadSettings) {
  const auto refusal = [](Settings settings) {
    const absl::Status status = asha::Validate(ProblemOf({Whole("epochs", 1, 9)}, std::move(settings)));
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    return std::string(status.message());
  };
  EXPECT_THAT(refusal({}), HasSubstr("resource_name must be set"));
  const Setting epochs = {"resource_name", "epochs"};
  EXPECT_EQ(refusal({epochs, {"brackets", "0"}}), "brackets must be at least 1, got 0");
  EXPECT_EQ(refusal({epochs, {"sampler", "grid"}}),
            "sampler must be random, tpe or bayesianoptimization, got 'grid'");
  EXPECT_EQ(refusal({epochs, {"eta", "1"}}), "eta must be greater than 1, got 1");
  EXPECT_EQ(refusal({epochs, {"r_min", "0"}}), "r_min must be greater than 0, got 0");
  EXPECT_EQ(refusal({epochs, {"r_min", "10"}}), "r_min must be above 0 and within 1 .. 9, got 10");
  EXPECT_EQ(refusal({epochs, {"r_max", "9"}, {"r_l", "9"}}),
            "r_max and r_l are two names of one setting, only one may be set");
}

}  // namespace
}  // namespace qalam::algorithms
