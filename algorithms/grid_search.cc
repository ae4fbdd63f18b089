#include "algorithms/grid_search.h"

#include <fmt/format.h>

#include <cmath>

#include "algorithms/combination_shuffle.h"
#include "algorithms/random_engine.h"
#include "base/number_text.h"

namespace qalam::algorithms::grid_search {
namespace {

constexpr std::uint64_t kShuffleStream = 0x67726964;
constexpr std::int64_t kStopInterval = 256;

class GridSearch final : public Algorithm {
 public:
  GridSearch(SearchSpace space, std::uint64_t seed)
      : space_(std::move(space)),
        combinations_(*space_.combinations()),
        shuffle_(space_, HashWords({seed, kShuffleStream})) {}

  bool uses_history() const override { return false; }

  absl::StatusOr<Suggestions> Suggest(const History&, const Ask& ask) const override {
    QALAM_RETURN_IF_ERROR(CheckAsk(ask));
    const std::uint64_t first = ask.handed_out, count = ask.count;
    const std::uint64_t left = first < combinations_ ? combinations_ - first : 0;
    if (count > left) {
      return absl::OutOfRangeError(fmt::format(
          "SpaceExhausted: the grid has {} points, {} were handed out, {} are left, {} were asked",
          combinations_, first, left, count));
    }
    Suggestions suggestions;
    suggestions.proposals.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i) {
      if (i % kStopInterval == 0) QALAM_RETURN_IF_ERROR(CheckStop(ask));
      suggestions.proposals.push_back({space_.At(shuffle_(first + i)), {}, {}});
    }
    return suggestions;
  }

 private:
  const SearchSpace space_;
  const std::uint64_t combinations_;
  const CombinationShuffle shuffle_;
};

absl::Status CheckFinite(const SearchSpace& space) {
  for (const Parameter& parameter : space.parameters()) {
    const std::optional<double> step = parameter.range().step;
    if (parameter.type() == ParameterType::kDouble && !step) {
      return absl::InvalidArgumentError(
          fmt::format("failed to validate parameters({0}): Param {0} step is nil: a double needs a step for "
                      "algorithm grid",
                      parameter.name()));
    }
    if (parameter.type() == ParameterType::kInt && step && std::floor(*step) != *step) {
      return absl::InvalidArgumentError(
          fmt::format("failed to validate parameters({}): the step of an int must be a whole number, got {}",
                      parameter.name(), NumberText(*step)));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Validate(const Problem& problem) {
  QALAM_RETURN_IF_ERROR(CheckSettingNames(problem.settings, "grid", {"seed", "random_state"}));
  QALAM_RETURN_IF_ERROR(SeedFrom(problem.settings, problem.experiment_name).status());
  QALAM_RETURN_IF_ERROR(CheckFinite(problem.space));
  const std::uint64_t combinations = *problem.space.combinations();
  if (problem.space.size() > 0 && problem.max_trial_count > 0 &&
      static_cast<std::uint64_t>(problem.max_trial_count) > combinations) {
    return absl::InvalidArgumentError(
        fmt::format("max_trial_count {} is greater than the number of combinations {}",
                    problem.max_trial_count, combinations));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Algorithm>> Create(const Problem& problem) {
  QALAM_RETURN_IF_ERROR(RequireParameters(problem));
  QALAM_RETURN_IF_ERROR(CheckFinite(problem.space));
  QALAM_ASSIGN_OR_RETURN(const std::uint64_t seed, SeedFrom(problem.settings, problem.experiment_name));
  return std::make_unique<GridSearch>(problem.space, seed);
}

}  // namespace qalam::algorithms::grid_search
