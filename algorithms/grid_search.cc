#include "algorithms/grid_search.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "algorithms/random_engine.h"
#include "algorithms/shuffled_points.h"
#include "base/number_text.h"

namespace qalam::algorithms::grid_search {
namespace {

constexpr std::uint64_t kShuffleStream = 0x67726964;
constexpr std::int64_t kStopInterval = 256;
constexpr std::uint64_t kMaxScanned =
    1 << 22;  // combinations, where constraints leave some of them: some seconds

class GridSearch final : public Algorithm {
 public:
  GridSearch(SearchSpace space, std::uint64_t seed)
      : space_(std::move(space)), points_(ShuffledPoints::Make(space_, HashWords({seed, kShuffleStream}))) {}

  bool can_be_numbered() const { return points_.has_value(); }

  bool uses_history() const override { return false; }

  absl::StatusOr<Suggestions> Suggest(const History&, const Ask& ask) const override {
    QALAM_RETURN_IF_ERROR(CheckAsk(ask));
    if (!space_.constraints().empty()) return SuggestFeasible(ask);
    const std::uint64_t first = ask.handed_out, count = ask.count;
    if (count > points_->size() - std::min(first, points_->size())) return Exhausted(points_->size(), ask);
    Suggestions suggestions;
    suggestions.proposals.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i) {
      if (i % kStopInterval == 0) QALAM_RETURN_IF_ERROR(CheckStop(ask));
      suggestions.proposals.push_back({(*points_)(first + i), {}, {}});
    }
    return suggestions;
  }

 private:
  static absl::Status Exhausted(std::uint64_t points, const Ask& ask) {
    const std::uint64_t first = ask.handed_out, left = first < points ? points - first : 0;
    return absl::OutOfRangeError(
        fmt::format("SpaceExhausted: the grid has {} points, {} were handed out, {} are left, {} were asked",
                    points, first, left, ask.count));
  }

  // The feasible ones in their order are counted from the first one on.
  absl::StatusOr<Suggestions> SuggestFeasible(const Ask& ask) const {
    Suggestions suggestions;
    const std::uint64_t count = ask.count;
    std::uint64_t feasible = 0;
    for (std::uint64_t i = 0;
         i < std::min(points_->size(), kMaxScanned) && suggestions.proposals.size() < count; ++i) {
      if (i % kStopInterval == 0) QALAM_RETURN_IF_ERROR(CheckStop(ask));
      Point point = (*points_)(i);
      if (!space_.IsFeasible(point)) continue;
      if (feasible++ >= static_cast<std::uint64_t>(ask.handed_out)) {
        suggestions.proposals.push_back({std::move(point), {}, {}});
      }
    }
    if (suggestions.proposals.size() < count) return Exhausted(feasible, ask);
    return suggestions;
  }

  const SearchSpace space_;
  const std::optional<ShuffledPoints> points_;
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
  const std::optional<std::uint64_t> points = CountAdmitted(problem.space);
  if (points && problem.space.size() > 0 && problem.max_trial_count > 0 &&
      static_cast<std::uint64_t>(problem.max_trial_count) > *points) {
    return absl::InvalidArgumentError(
        fmt::format("max_trial_count {} is greater than the number of combinations {}",
                    problem.max_trial_count, *points));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Algorithm>> Create(const Problem& problem) {
  QALAM_RETURN_IF_ERROR(RequireParameters(problem));
  QALAM_RETURN_IF_ERROR(CheckFinite(problem.space));
  QALAM_ASSIGN_OR_RETURN(const std::uint64_t seed, SeedFrom(problem.settings, problem.experiment_name));
  auto search = std::make_unique<GridSearch>(problem.space, seed);
  if (search->can_be_numbered()) return search;
  return absl::InvalidArgumentError(fmt::format(
      "algorithm grid: the parameters that conditions depend on have more than {} combinations of values",
      PointNumbering::kMaxBranches));
}

}  // namespace qalam::algorithms::grid_search
