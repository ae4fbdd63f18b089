// What every registered search for architectures must keep: contract_test.cc for those that propose texts.

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <thread>

#include "algorithms/registry.h"
#include "tests/algorithms/architecture_support.h"

namespace qalam::algorithms {
namespace {

using testing::ArchitectureProblem;
using testing::kQuickEnas;
using testing::Must;
using testing::ProposalTexts;
using testing::TextsOf;
using testing::TrialOf;

class ArchitectureContract : public ::testing::TestWithParam<const AlgorithmInfo*> {
 protected:
  std::unique_ptr<Algorithm> Create(const Problem& problem = ArchitectureProblem(kQuickEnas)) const {
    EXPECT_TRUE(ValidateProblem(*GetParam(), problem).ok()) << ValidateProblem(*GetParam(), problem);
    return Must(CreateAlgorithm(*GetParam(), problem));
  }

  // Of architectures that this algorithm proposed untaught; some fail, the last three are still running.
  History Experiment(int trials) const {
    History history;
    for (const ProposalTexts& texts : TextsOf(*Create(), {}, 0, trials)) {
      const int number = static_cast<int>(history.trials.size());
      Trial& trial = history.trials.emplace_back(TrialOf(texts, number, 0.1 * (number * 7 % 10)));
      if (number % 7 == 3) trial.status = TrialStatus::kFailed;
      if (number % 7 == 5) trial.status = TrialStatus::kEarlyStopped;
      if (number % 11 == 9) trial.objectives = {std::nan("")};
      if (number < trials - 3) continue;
      trial.status = TrialStatus::kPending;
      trial.objectives.clear();
      trial.completion_time.reset();
    }
    return history;
  }
};

TEST_P(ArchitectureContract, AnswersExactlyTheCount) {
  const auto algorithm = Create();
  const History history = Experiment(12);
  for (const int count : {0, 1, 3, 7}) {
    EXPECT_EQ(TextsOf(*algorithm, {}, 0, count).size(), static_cast<size_t>(count));
    EXPECT_EQ(TextsOf(*algorithm, history, 12, count).size(), static_cast<size_t>(count));
    EXPECT_EQ(TextsOf(*algorithm, history, Ask::kMaxHandedOut, count).size(), static_cast<size_t>(count));
  }
}

TEST_P(ArchitectureContract, RestartInTheMiddleChangesNothing) {
  History history = Experiment(6);
  const auto old = Create();
  for (int number = 6; number < 12; ++number) {
    const auto texts = TextsOf(*old, history, number, 1);
    ASSERT_EQ(texts, TextsOf(*Create(), history, number, 1));
    ASSERT_EQ(texts, TextsOf(*old, history, number, 1)) << "a lost reply is asked for again";
    history.trials.push_back(TrialOf(texts[0], number, 0.5));
  }
}

TEST_P(ArchitectureContract, TheOrderOfTheHistoryDoesNotMatter) {
  History history = Experiment(12);
  const auto expected = TextsOf(*Create(), history, 12, 2);
  std::rotate(history.trials.begin(), history.trials.begin() + 5, history.trials.end());
  std::swap(history.trials.front(), history.trials.back());
  EXPECT_EQ(TextsOf(*Create(), history, 12, 2), expected);
}

TEST_P(ArchitectureContract, MaximizingIsMinimizingTheNegative) {
  Problem other = ArchitectureProblem(kQuickEnas);
  other.objectives[0].direction = Direction::kMinimize;
  const History history = Experiment(12);
  History negative = history;
  for (Trial& trial : negative.trials) {
    for (double& value : trial.objectives) value = -value;
  }
  EXPECT_EQ(TextsOf(*Create(), history, 12, 3), TextsOf(*Create(other), negative, 12, 3));
}

TEST_P(ArchitectureContract, AcceptsTrialsOfEveryKind) {
  const ProposalTexts texts = TextsOf(*Create(), {}, 0, 1)[0];
  const double nan = std::nan(""), infinity = std::numeric_limits<double>::infinity();
  using enum TrialStatus;
  History history;
  for (const TrialStatus status :
       {kPending, kSucceeded, kEarlyStopped, kFailed, kInfeasible, kKilled, kMetricsUnavailable, kUnknown}) {
    for (const std::vector<double>& objectives :
         {std::vector<double>{}, {nan}, {infinity}, {-infinity}, {0.0}, {1e308}, {-1e308}}) {
      Trial trial = TrialOf(texts, 1, 0);
      trial.status = status;
      trial.objectives = objectives;
      history.trials.push_back(trial);
      trial.texts["architecture"] = "[[0], [0, 1], [0, 1, 1]]";
      trial.name.clear();
      history.trials.push_back(trial);
      trial.texts["architecture"] = "[[0], [0, 1]]";
      history.trials.push_back(trial);
      trial.texts.clear();
      history.trials.push_back(trial);
    }
  }
  EXPECT_EQ(TextsOf(*Create(), history, 300, 4).size(), 4u);
}

TEST_P(ArchitectureContract, RefusesNegativeNumbers) {
  for (const Ask& ask : {Ask{-1, 1, {}}, Ask{0, -1, {}}, Ask{Ask::kMaxHandedOut + 1, 1, {}}}) {
    EXPECT_EQ(Create()->Suggest({}, ask).status().code(), absl::StatusCode::kInvalidArgument);
  }
}

TEST_P(ArchitectureContract, GivesUpInTheMiddleOrAnswersAsUsual) {
  const History history = Experiment(12);
  const auto usual = TextsOf(*Create(), history, 12, 2);
  for (const int allowed : {0, 1, 5, 50}) {
    int polls = 0;
    Problem problem = ArchitectureProblem(kQuickEnas);
    const auto answer = Create(problem)->Suggest(history, {12, 2, [&] { return ++polls > allowed; }});
    if (!answer.ok()) {
      EXPECT_EQ(answer.status().code(), absl::StatusCode::kCancelled);
      continue;
    }
    EXPECT_EQ(answer->proposals[1].texts, usual[1]);
  }
  EXPECT_EQ(Create()->Suggest(history, {12, 2, [] { return true; }}).status().code(),
            absl::StatusCode::kCancelled);
}

TEST_P(ArchitectureContract, ServesThreadsAtOnce) {
  const auto algorithm = Create();
  const History history = Experiment(12);
  std::vector<ProposalTexts> first, second;
  std::thread other([&] { second = TextsOf(*algorithm, history, 12, 3); });
  first = TextsOf(*algorithm, history, 12, 3);
  other.join();
  EXPECT_EQ(first, second);
}

TEST_P(ArchitectureContract, RefusesParameters) {
  Problem problem = ArchitectureProblem(kQuickEnas);
  problem.architecture.reset();
  EXPECT_TRUE(ValidateProblem(*GetParam(), problem).ok())
      << "clients validate settings before they have a space";
  EXPECT_EQ(CreateAlgorithm(*GetParam(), problem).status().code(), absl::StatusCode::kInvalidArgument);
  problem.space = Must(SearchSpace::Make({testing::Whole("n", 1, 5)}));
  EXPECT_EQ(ValidateProblem(*GetParam(), problem).message(),
            "algorithm " + std::string(GetParam()->name) +
                " searches architectures: give it a nasConfig instead of parameters");
}

TEST(Capabilities, OthersRefuseArchitectures) {
  for (const AlgorithmInfo& info : Algorithms()) {
    if (info.can.architectures) continue;
    EXPECT_THAT(std::string(ValidateProblem(info, ArchitectureProblem(kQuickEnas)).message()),
                ::testing::HasSubstr("does not search with a nasConfig; these do: darts, enas"))
        << info.name;
  }
}

std::vector<const AlgorithmInfo*> Searches() {
  std::vector<const AlgorithmInfo*> searches;
  for (const AlgorithmInfo& info : Algorithms()) {
    if (info.can.architectures) searches.push_back(&info);
  }
  return searches;
}

INSTANTIATE_TEST_SUITE_P(All, ArchitectureContract, ::testing::ValuesIn(Searches()),
                         [](const auto& test) { return std::string(test.param->name); });

}  // namespace
}  // namespace qalam::algorithms
