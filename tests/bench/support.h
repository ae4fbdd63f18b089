// Small optimisers and problems for the tests of this room.
#pragma once

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "algorithms/random_engine.h"
#include "bench/optimizer.h"
#include "bench/problem.h"
#include "bench/space_parts.h"

namespace qalam::bench::testing {

/// What an optimiser was asked, and what it knew then.
struct AskSeen {
  int count = 0, finished = 0, pending = 0;
  std::int64_t handed_out = 0;
};

/// Random points that depend on the finished trials it was told, in whatever order: an optimiser that shows
/// when something else was told.
class HistoryHash final : public algorithms::Algorithm {
 public:
  HistoryHash(const algorithms::Problem& problem, std::vector<AskSeen>* seen)
      : space_(problem.space), seen_(seen) {
    for (const algorithms::Setting& setting : problem.settings)
      seed_ = algorithms::HashWords({seed_, algorithms::HashText(setting.value)});
  }

  bool uses_history() const override { return true; }

  absl::StatusOr<algorithms::Suggestions> Suggest(const algorithms::History& history,
                                                  const algorithms::Ask& ask) const override {
    AskSeen seen{ask.count, 0, 0, ask.handed_out};
    std::uint64_t key = seed_;
    for (const algorithms::Trial& trial : history.trials) {
      if (trial.status == algorithms::TrialStatus::kPending) {
        ++seen.pending;
      } else {
        ++seen.finished;
        key ^= algorithms::HashWords(
            {algorithms::HashText(trial.name), algorithms::HashText(std::to_string(trial.objectives.at(0)))});
      }
    }
    if (seen_ != nullptr) seen_->push_back(seen);
    algorithms::Suggestions suggestions;
    for (int i = 0; i < ask.count; ++i) {
      algorithms::Rng rng({key, static_cast<std::uint64_t>(ask.handed_out + i)});
      std::vector<double> u(space_.size());
      for (double& v : u) v = rng.Uniform();
      suggestions.proposals.push_back({space_.FromUnit(u), {}, {}});
    }
    return suggestions;
  }

 private:
  algorithms::SearchSpace space_;
  std::vector<AskSeen>* seen_;
  std::uint64_t seed_ = 1;
};

inline Optimizer HashOptimizer(std::string name = "hash", std::vector<AskSeen>* seen = nullptr) {
  Optimizer optimizer;
  optimizer.name = std::move(name);
  optimizer.create = [seen](const algorithms::Problem& problem) {
    return std::make_unique<HistoryHash>(problem, seen);
  };
  return optimizer;
}

inline constexpr int kParallelEpochs = 10;

/// Ten points, 0 to 9. The loss of point x comes down from x + 10 / 1 to x + 10 / 10: those that are bad at the end are bad
/// all along.
inline Problem Parallel() {
  Problem problem;
  problem.name = "parallel";
  problem.group = "curves";
  problem.space = Must(algorithms::SearchSpace::Make({Level("x", 10)}));
  problem.fidelity = Fidelity{kParallelEpochs,
                              [](const algorithms::Point& point, int epoch) -> absl::StatusOr<double> {
                                return static_cast<double>(WholeAt(point, 0)) + 10.0 / epoch;
                              },
                              1.0};
  problem.evaluate = [loss = problem.fidelity->loss](const algorithms::Point& point) {
    return loss(point, kParallelEpochs);
  };
  problem.best = 1.0;
  return problem;
}

}  // namespace qalam::bench::testing
