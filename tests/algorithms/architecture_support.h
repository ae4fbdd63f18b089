// Architecture searches for the tests of this room.
#pragma once

#include "algorithms/architecture.h"
#include "tests/algorithms/support.h"

namespace qalam::algorithms::testing {

/// Three layers of four choices: 4^3 * 2^3 = 512 architectures.
inline ArchitectureSpace SmallArchitectures() {
  const auto list = [](std::initializer_list<const char*> texts) {
    return std::vector<OperationValue>(texts.begin(), texts.end());
  };
  return {3,
          {8, 8, 1},
          {10},
          {{"dense", {{"units", list({"4", "12", "24"})}}}, {"identity", {{"of", list({"all"})}}}}};
}

/// A small network that learns in few steps. (DARTS passes them on.)
inline const Settings kQuickEnas = {{"controller_hidden_size", "16"},
                                    {"controller_learning_rate", "0.003"},
                                    {"controller_train_steps", "10"}};

inline Problem ArchitectureProblem(Settings settings = {}) {
  Problem problem;
  problem.experiment_name = "e1";
  problem.objectives = {{"accuracy", Direction::kMaximize}};
  problem.architecture = SmallArchitectures();
  problem.settings = std::move(settings);
  return problem;
}

using ProposalTexts = std::vector<std::pair<std::string, std::string>>;

inline std::vector<ProposalTexts> TextsOf(const Algorithm& algorithm, const History& history,
                                          std::int64_t handed_out, int count) {
  std::vector<ProposalTexts> texts;
  for (Proposal& proposal : Must(algorithm.Suggest(history, {handed_out, count, {}})).proposals) {
    EXPECT_TRUE(proposal.point.empty());
    texts.push_back(std::move(proposal.texts));
  }
  return texts;
}

/// Trial number `number` of these texts, which has ended with `value`.
inline Trial TrialOf(const ProposalTexts& texts, int number, double value) {
  Trial trial;
  trial.name = "t" + std::to_string(number);
  trial.status = TrialStatus::kSucceeded;
  trial.point = Point{};
  trial.objectives = {value};
  trial.number = number;
  trial.completion_time = absl::FromUnixSeconds(number);
  trial.texts.insert(texts.begin(), texts.end());
  return trial;
}

}  // namespace qalam::algorithms::testing
