#include "algorithms/rule_keeper.h"

#include <utility>

#include "algorithms/feasible_points.h"

namespace qalam::algorithms {
namespace {

class RuleKeeper final : public Algorithm {
 public:
  RuleKeeper(std::unique_ptr<Algorithm> algorithm, SearchSpace space, std::uint64_t seed)
      : algorithm_(std::move(algorithm)), space_(std::move(space)), seed_(seed) {}

  bool uses_history() const override { return algorithm_->uses_history(); }

  absl::StatusOr<Suggestions> Suggest(const History& history, const Ask& ask) const override {
    QALAM_ASSIGN_OR_RETURN(Suggestions suggestions, algorithm_->Suggest(history, ask));
    for (size_t i = 0; i < suggestions.proposals.size(); ++i) {
      Point& point = suggestions.proposals[i].point;
      point = space_.Canonical(std::move(point));
      if (space_.IsFeasible(point)) continue;
      Rng rng({seed_, static_cast<std::uint64_t>(ask.handed_out) + i, 0x72756c6573});
      QALAM_ASSIGN_OR_RETURN(point, NearestFeasible(space_, std::move(point), rng));
    }
    return suggestions;
  }

 private:
  const std::unique_ptr<Algorithm> algorithm_;
  const SearchSpace space_;
  const std::uint64_t seed_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Algorithm>> KeepRules(std::unique_ptr<Algorithm> algorithm,
                                                     const Problem& problem) {
  if (!problem.space.has_rules()) return algorithm;
  QALAM_RETURN_IF_ERROR(CheckFeasible(problem.space));
  QALAM_ASSIGN_OR_RETURN(const std::uint64_t seed, SeedFrom(problem.settings, problem.experiment_name));
  return std::make_unique<RuleKeeper>(std::move(algorithm), problem.space, seed);
}

}  // namespace qalam::algorithms
