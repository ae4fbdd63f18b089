#include "algorithms/sobol_search.h"

#include <fmt/format.h>

#include "algorithms/feasible_points.h"
#include "algorithms/sobol_sequence.h"

namespace qalam::algorithms::sobol_search {
namespace {

constexpr std::int64_t kStopInterval = 256;
constexpr std::uint64_t kMaxScanned =
    65'536;  // bounds the work where constraints leave little; a multiple of the former

class SobolSearch final : public Algorithm {
 public:
  SobolSearch(SearchSpace space, std::uint64_t seed)
      : space_(std::move(space)), seed_(seed), sequence_(space_.size()) {}

  bool uses_history() const override { return false; }

  absl::StatusOr<Suggestions> Suggest(const History&, const Ask& ask) const override {
    QALAM_RETURN_IF_ERROR(CheckAsk(ask));
    if (space_.has_rules()) return SuggestFeasible(ask);
    const std::vector<std::uint64_t> words = sequence_.Words(ask.handed_out, ask.count);
    Suggestions suggestions;
    suggestions.proposals.reserve(ask.count);
    std::vector<double> u(space_.size());
    for (std::int64_t i = 0; i < ask.count; ++i) {
      if (i % kStopInterval == 0) QALAM_RETURN_IF_ERROR(CheckStop(ask));
      for (size_t j = 0; j < u.size(); ++j) u[j] = ScrambledUnit(words[i * u.size() + j], seed_, j);
      suggestions.proposals.push_back({space_.FromUnit(u), {}, {}});
    }
    return suggestions;
  }

 private:
  // The feasible points of the sequence in their order; beyond its first kMaxScanned points, draws.
  absl::StatusOr<Suggestions> SuggestFeasible(const Ask& ask) const {
    Suggestions suggestions;
    std::int64_t feasible = 0;
    const size_t d = space_.size(), count = static_cast<size_t>(ask.count);
    std::vector<double> u(d);
    const bool reachable = ask.handed_out < static_cast<std::int64_t>(kMaxScanned);
    for (std::uint64_t first = 0; reachable && first < kMaxScanned && suggestions.proposals.size() < count;
         first += kStopInterval) {
      QALAM_RETURN_IF_ERROR(CheckStop(ask));
      const std::vector<std::uint64_t> words = sequence_.Words(first, kStopInterval);
      for (size_t i = 0; i < kStopInterval && suggestions.proposals.size() < count; ++i) {
        for (size_t j = 0; j < d; ++j) u[j] = ScrambledUnit(words[i * d + j], seed_, j);
        Point point = space_.Canonical(space_.FromUnit(u));
        if (!space_.IsFeasible(point) || feasible++ < ask.handed_out) continue;
        suggestions.proposals.push_back({std::move(point), {}, {}});
      }
    }
    while (suggestions.proposals.size() < count) {
      QALAM_RETURN_IF_ERROR(CheckStop(ask));
      const auto number = static_cast<std::uint64_t>(ask.handed_out) + suggestions.proposals.size();
      Rng rng({seed_, number});
      QALAM_ASSIGN_OR_RETURN(Point point, DrawFeasibleOrFail(space_, rng));
      suggestions.proposals.push_back({std::move(point), {}, {}});
    }
    return suggestions;
  }

  const SearchSpace space_;
  const std::uint64_t seed_;
  const SobolSequence sequence_;
};

absl::Status CheckSize(const SearchSpace& space) {
  if (space.size() <= SobolSequence::kMaxDimensions) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("parameters: algorithm sobol takes at most {} parameters, got {}",
                  SobolSequence::kMaxDimensions, space.size()));
}

}  // namespace

absl::Status Validate(const Problem& problem) {
  QALAM_RETURN_IF_ERROR(SeedFrom(problem.settings, problem.experiment_name).status());
  return CheckSize(problem.space);
}

absl::StatusOr<std::unique_ptr<Algorithm>> Create(const Problem& problem) {
  QALAM_RETURN_IF_ERROR(RequireParameters(problem));
  QALAM_RETURN_IF_ERROR(CheckSize(problem.space));
  QALAM_ASSIGN_OR_RETURN(const std::uint64_t seed, SeedFrom(problem.settings, problem.experiment_name));
  return std::make_unique<SobolSearch>(problem.space, seed);
}

}  // namespace qalam::algorithms::sobol_search
