#include "algorithms/first_points.h"

#include <gmock/gmock.h>

#include "algorithms/trial_labels.h"
#include "tests/algorithms/support.h"

namespace qalam::algorithms {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::Must;
using testing::OneOf;
using testing::ProblemOf;
using testing::Real;
using testing::Texts;
using testing::Whole;

Problem QueueProblem() {
  Problem problem =
      ProblemOf({Whole("n", 1, 1000), Real("x", 0, 1), OneOf("opt", {"adam", "sgd"})}, {{"seed", "3"}});
  problem.enqueued = {
      {std::int64_t{7}, 0.5, Choice{1}}, {std::int64_t{8}, {}, {}}, {std::int64_t{9}, 0.25, {}}};
  return problem;
}

std::unique_ptr<Algorithm> Make(std::string_view name, const Problem& problem) {
  return Must(CreateAlgorithm(*Must(FindAlgorithm(name)), problem));
}

Suggestions Ask3(const Problem& problem, const History& history, std::int64_t handed_out, int count = 3,
                 std::string_view name = "random") {
  return Must(Make(name, problem)->Suggest(history, {handed_out, count, {}}));
}

std::vector<Point> PointsOf(const Suggestions& suggestions) {
  std::vector<Point> points;
  for (const Proposal& proposal : suggestions.proposals) points.push_back(proposal.point);
  return points;
}

Trial Done(const Point& point, TrialStatus status = TrialStatus::kSucceeded, double value = 1) {
  Trial trial;
  trial.point = point;
  trial.status = status;
  trial.objectives = {value};
  return trial;
}

class FirstPointsOfAll : public ::testing::TestWithParam<const AlgorithmInfo*> {};

TEST_P(FirstPointsOfAll, ComeInOrderWhateverTheCountAndTheStatus) {
  Problem problem = QueueProblem();
  problem.space =
      Must(SearchSpace::Make({Whole("n", 1, 1000), Real("x", 0, 1, 0.25), OneOf("opt", {"adam", "sgd"})}));
  problem.max_trial_count = 100;
  if (!GetParam()->can.enqueued_points) {
    EXPECT_FALSE(ValidateProblem(*GetParam(), problem).ok());
    return;
  }
  ASSERT_TRUE(ValidateProblem(*GetParam(), problem).ok()) << ValidateProblem(*GetParam(), problem);
  History history;
  std::vector<Point> all;
  Settings state;
  for (const int count : {1, 3, 1, 7}) {
    Problem now = problem;
    now.settings.insert(now.settings.end(), state.begin(), state.end());
    const Suggestions suggestions =
        Ask3(now, history, static_cast<std::int64_t>(all.size()), count, GetParam()->name);
    ASSERT_EQ(suggestions.proposals.size(), static_cast<size_t>(count));
    if (!suggestions.settings.empty()) state = suggestions.settings;
    for (const Point& point : PointsOf(suggestions)) {
      all.push_back(point);
      history.trials.push_back(Done(point, TrialStatus::kPending));
    }
  }
  const std::vector<std::string> texts = Texts(problem, all);
  EXPECT_THAT(std::vector(texts.begin(), texts.begin() + 3), ElementsAre("7", "8", "9"));
  EXPECT_EQ(all[2][1], Value(0.25));
}

std::vector<const AlgorithmInfo*> OfParameters() {
  std::vector<const AlgorithmInfo*> algorithms;
  for (const AlgorithmInfo& algorithm : Algorithms()) {
    if (!algorithm.can.architectures) algorithms.push_back(&algorithm);
  }
  return algorithms;
}

std::string TestName(const ::testing::TestParamInfo<const AlgorithmInfo*>& of) {
  std::string name(of.param->name);
  std::erase(name, '-');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Every, FirstPointsOfAll, ::testing::ValuesIn(OfParameters()), TestName);

TEST(FirstPoints, OwnPointsAreThoseTheAlgorithmWouldHaveGivenAlone) {
  Problem alone = QueueProblem();
  alone.enqueued.clear();
  const std::vector<Point> own = PointsOf(Ask3(alone, {}, 0, 5)),
                           with = PointsOf(Ask3(QueueProblem(), {}, 0, 8));
  EXPECT_EQ(std::vector(with.begin() + 3, with.end()), own);
}

TEST(FirstPoints, GoOnWhereTheStateSaysAlthoughTheTrialsAreNotTold) {
  Problem problem = QueueProblem();
  problem.settings.push_back({std::string(kEnqueuedState), "2"});
  const Suggestions next = Ask3(problem, {}, 2, 1);
  EXPECT_EQ(Texts(problem, PointsOf(next)).front(), "9");
  EXPECT_EQ(next.proposals[0].labels.at(std::string(kEnqueuedLabel)), "2");
  EXPECT_EQ(next.settings, (Settings{{std::string(kEnqueuedState), "3"}}));
}

TEST(FirstPoints, AreFoundAgainByLabelOrByTheirValues) {
  const Problem problem = QueueProblem();
  const Suggestions first = Ask3(problem, {}, 0);
  History history;
  history.trials.push_back(Done(first.proposals[0].point));
  EXPECT_THAT(Texts(problem, PointsOf(Ask3(problem, history, 1, 2))), ElementsAre("8", "9"));

  // As the controller has written it: the values with fewer digits, and the label.
  Trial labelled = Done({std::int64_t{8}, 0.123, Choice{0}}, TrialStatus::kFailed);
  labelled.labels = {{std::string(kEnqueuedLabel), "1"}};
  history.trials.push_back(labelled);
  EXPECT_EQ(Texts(problem, PointsOf(Ask3(problem, history, 2, 1))).front(), "9");
}

TEST(FirstPoints, ALabelOfAnotherPointDoesNotCount) {
  const Problem problem = QueueProblem();
  Trial other = Done({std::int64_t{500}, 0.123, Choice{0}});
  other.labels = {{std::string(kEnqueuedLabel), "0"}};
  EXPECT_EQ(Texts(problem, PointsOf(Ask3(problem, {{other}, {}}, 1, 1))).front(), "7");
}

TEST(FirstPoints, AreGivenAgainWhenTheReplyWasLost) {
  const Problem problem = QueueProblem();
  EXPECT_EQ(PointsOf(Ask3(problem, {}, 0)), PointsOf(Ask3(problem, {}, 0)));
}

TEST(FirstPoints, AddedLaterComeNext) {
  Problem problem = QueueProblem();
  problem.settings.push_back({std::string(kEnqueuedState), "3"});
  problem.enqueued.push_back({std::int64_t{999}, {}, {}});
  const Suggestions next = Ask3(problem, {}, 40, 2);
  EXPECT_EQ(Texts(problem, PointsOf(next)).front(), "999");
}

TEST(FirstPoints, AModelSeesThoseOfTheSameCallAsRunning) {
  Problem problem = ProblemOf({OneOf("c", {"a", "b", "d"})}, {{"seed", "1"}});
  problem.enqueued = {{Choice{2}}, {Choice{0}}};
  EXPECT_THAT(Texts(problem, PointsOf(Ask3(problem, {}, 0, 3, "tpe"))), ElementsAre("d", "a", "b"));
}

TEST(FirstPoints, OfEarlierExperimentsAreTheirBestAndNothingTwice) {
  Problem problem = ProblemOf({Whole("n", 1, 1000)}, {{"seed", "3"}});
  problem.objectives[0].direction = Direction::kMaximize;
  problem.earlier_experiments = {"e0"};
  History history;
  history.earlier = {{"e0",
                      {Done({std::int64_t{1}}, TrialStatus::kSucceeded, 0.5),
                       Done({std::int64_t{2}}, TrialStatus::kSucceeded, 0.9),
                       Done({std::int64_t{3}}, TrialStatus::kFailed, 2),
                       Done({std::int64_t{4}}, TrialStatus::kSucceeded, 0.8),
                       Done({std::int64_t{2}}, TrialStatus::kSucceeded, 0.9),
                       Done({std::int64_t{5}}, TrialStatus::kSucceeded, 0.1)}}};
  const Suggestions first = Ask3(problem, history, 0, 4);
  EXPECT_THAT(std::vector(first.settings), ElementsAre(Setting{std::string(kEarlierState), "3"}));
  const std::vector<std::string> texts = Texts(problem, PointsOf(first));
  EXPECT_THAT(std::vector(texts.begin(), texts.begin() + 3), ElementsAre("2", "4", "1"));
  EXPECT_EQ(first.proposals[0].labels.at(std::string(kFirstTriedInLabel)), "e0");
  EXPECT_TRUE(first.proposals[3].labels.empty());

  problem.settings.push_back({std::string(kEarlierState), "2"});
  EXPECT_EQ(Texts(problem, PointsOf(Ask3(problem, history, 2, 1))).front(), "2");  // its trial is not there
  problem.settings.back().value = "3";
  EXPECT_TRUE(Ask3(problem, history, 3, 1).settings.empty());
}

TEST(FirstPoints, OfEarlierExperimentsAreThoseThatKeepTheBoundsOnMetrics) {
  Problem problem = ProblemOf({Whole("n", 1, 1000)}, {{"seed", "3"}});
  problem.metric_constraints = {{"latency", true, 10}};
  problem.earlier_experiments = {"e0"};
  Trial slow = Done({std::int64_t{1}}, TrialStatus::kSucceeded, 0.1),
        fast = Done({std::int64_t{2}}, TrialStatus::kSucceeded, 0.2);
  slow.constraint_values = {11};
  fast.constraint_values = {9};
  History history;
  history.earlier = {{"e0", {slow, fast}}};
  EXPECT_EQ(Texts(problem, PointsOf(Ask3(problem, history, 0, 1))).front(), "2");
}

// Its trial comes back with the canonical value of the inactive parameter, and nothing else may.
TEST(FirstPoints, AValueOfAnInactiveParameterDoesNotEnqueueAPointAgain) {
  Problem problem = ProblemOf({OneOf("opt", {"adam", "sgd"}), Whole("momentum", 1, 9)}, {{"seed", "3"}});
  problem.space = Must(problem.space.WithConditions(
      {{.parameter = 1, .parent = 0, .test = Condition::Test::kIn, .values = {Choice{1}}}}));
  problem.enqueued = {{Choice{0}, std::int64_t{9}}};
  History history;
  history.trials = {Done(PointsOf(Ask3(problem, {}, 0, 1)).at(0), TrialStatus::kSucceeded, 1)};
  EXPECT_TRUE(Ask3(problem, history, 1, 1).proposals.at(0).labels.empty());
}

TEST(FirstPoints, WhatAnEnqueuedPointLeavesOpenKeepsTheConstraints) {
  Problem problem = ProblemOf({Whole("a", 1, 9), Whole("b", 1, 9)}, {{"seed", "3"}});
  problem.space = Must(problem.space.WithConstraints({{{{0, 1}, {1, 1}}, 10, false}}));
  problem.enqueued = {{std::int64_t{8}, {}}};
  for (int seed = 0; seed < 20; ++seed) {
    problem.settings = {{"seed", std::to_string(seed)}};
    EXPECT_EQ(Texts(problem, PointsOf(Ask3(problem, {}, 0, 1))).front(), "8");
  }
}

TEST(FirstPoints, AnAlgorithmOfItsOwnPointsNamesThoseThatTakeAWarmStart) {
  Problem problem = QueueProblem();
  problem.enqueued.clear();
  problem.earlier_experiments = {"e0"};
  const absl::Status status = ValidateProblem(*Must(FindAlgorithm("pbt")), problem);
  EXPECT_THAT(std::string(status.message()), HasSubstr("does not search with a warm start; these do: auto"));
  EXPECT_THAT(std::string(status.message()), HasSubstr(", random, "));
}

TEST(FirstPoints, MoreThanTrialsAllowedAreRefused) {
  Problem problem = QueueProblem();
  problem.max_trial_count = 2;
  const absl::Status status = ValidateProblem(*Must(FindAlgorithm("random")), problem);
  EXPECT_THAT(std::string(status.message()), HasSubstr("3 points are enqueued, but maxTrialCount allows 2"));
}

TEST(FirstPoints, TheSamePointTwiceIsRefused) {
  Problem problem = QueueProblem();
  problem.enqueued.push_back(problem.enqueued.front());
  const absl::Status status = ValidateProblem(*Must(FindAlgorithm("random")), problem);
  EXPECT_THAT(std::string(status.message()), HasSubstr("enqueued points 1 and 4 are the same"));
}

}  // namespace
}  // namespace qalam::algorithms
