#include "algorithms/random_search.h"

#include <optional>

#include "algorithms/feasible_points.h"
#include "algorithms/random_engine.h"
#include "algorithms/shuffled_points.h"
#include "algorithms/taken_points.h"

namespace qalam::algorithms::random_search {
namespace {

constexpr std::uint64_t kShuffleStream = 0x72616e646f6d;  // keeps the order apart from that of grid search
constexpr std::uint64_t kMaxDistinct = 65'536;            // bounds the work of one call to some 0.1 s
constexpr int kMaxRedraws = 32;
constexpr std::int64_t kStopInterval = 256;

absl::StatusOr<Point> Draw(const SearchSpace& space, Rng rng) { return DrawFeasibleOrFail(space, rng); }

// One round through a finite space whose points are not equally likely: draws without repetition, from the
// first on.
class Round {
 public:
  // The space can be shuffled.
  Round(const SearchSpace& space, std::uint64_t seed, std::uint64_t number)
      : space_(space),
        seed_(seed),
        shuffle_(*ShuffledPoints::Make(space, HashWords({seed, kShuffleStream, number}))),
        seen_(space) {}

  absl::StatusOr<Point> Next(std::uint64_t index) {
    absl::StatusOr<Point> drawn;
    for (std::uint64_t redraw = 0; redraw < kMaxRedraws; ++redraw) {
      drawn = Draw(space_, Rng({seed_, index, redraw}));
      if (!drawn.ok()) return drawn;
      if (!seen_.Contains(*drawn)) break;
    }
    for (; seen_.Contains(*drawn) && scanned_ < shuffle_.size(); ++scanned_) {
      Point next = shuffle_(scanned_);
      if (!seen_.Contains(next) && space_.IsFeasible(next)) drawn = std::move(next);
    }
    seen_.Add(*drawn);
    return drawn;
  }

 private:
  const SearchSpace& space_;
  std::uint64_t seed_;
  ShuffledPoints shuffle_;
  TakenPoints seen_;
  std::uint64_t scanned_ = 0;
};

class RandomSearch final : public Algorithm {
 public:
  RandomSearch(SearchSpace space, std::uint64_t seed)
      : space_(std::move(space)), seed_(seed), points_(CountAdmitted(space_)) {}

  bool uses_history() const override { return false; }

  absl::StatusOr<Suggestions> Suggest(const History&, const Ask& ask) const override {
    QALAM_RETURN_IF_ERROR(CheckAsk(ask));
    Suggestions suggestions;
    suggestions.proposals.reserve(ask.count);
    if (ask.count == 0) return suggestions;
    QALAM_RETURN_IF_ERROR(!points_ || *points_ == 0                    ? AddIndependent(ask, suggestions)
                          : space_.is_uniform() && !space_.has_rules() ? AddPermuted(ask, suggestions)
                                                                       : AddDistinct(ask, suggestions));
    return suggestions;
  }

 private:
  absl::Status AddIndependent(const Ask& ask, Suggestions& suggestions) const {
    for (std::int64_t i = 0; i < ask.count; ++i) {
      if (i % kStopInterval == 0) QALAM_RETURN_IF_ERROR(CheckStop(ask));
      const auto number = static_cast<std::uint64_t>(ask.handed_out + i);
      QALAM_ASSIGN_OR_RETURN(Point point, Draw(space_, Rng({seed_, number})));
      suggestions.proposals.push_back({std::move(point), {}, {}});
    }
    return absl::OkStatus();
  }

  absl::Status AddPermuted(const Ask& ask, Suggestions& suggestions) const {
    std::optional<ShuffledPoints> shuffle;
    for (std::int64_t i = 0; i < ask.count; ++i) {
      if (i % kStopInterval == 0) QALAM_RETURN_IF_ERROR(CheckStop(ask));
      const std::uint64_t index = ask.handed_out + i, place = index % *points_;
      if (!shuffle || place == 0) {
        shuffle.emplace(*ShuffledPoints::Make(space_, HashWords({seed_, kShuffleStream, index / *points_})));
      }
      suggestions.proposals.push_back({(*shuffle)(place), {}, {}});
    }
    return absl::OkStatus();
  }

  absl::Status AddDistinct(const Ask& ask, Suggestions& suggestions) const {
    const std::uint64_t first = ask.handed_out, end = first + ask.count;
    const std::uint64_t place_of_first = first % *points_;
    std::optional<Round> round;
    for (std::uint64_t i = place_of_first < kMaxDistinct ? first - place_of_first : first; i < end; ++i) {
      if (i % kStopInterval == 0) QALAM_RETURN_IF_ERROR(CheckStop(ask));
      const std::uint64_t place = i % *points_;
      if (!round || place == 0) round.emplace(space_, seed_, i / *points_);
      absl::StatusOr<Point> point = place < kMaxDistinct ? round->Next(i) : Draw(space_, Rng({seed_, i, 0}));
      QALAM_RETURN_IF_ERROR(point.status());
      if (i >= first) suggestions.proposals.push_back({*std::move(point), {}, {}});
    }
    return absl::OkStatus();
  }

  const SearchSpace space_;
  const std::uint64_t seed_;
  const std::optional<std::uint64_t> points_;  // that may be proposed
};

}  // namespace

absl::Status Validate(const Problem& problem) {
  QALAM_RETURN_IF_ERROR(CheckSettingNames(problem.settings, "random", {"seed", "random_state"}));
  return SeedFrom(problem.settings, problem.experiment_name).status();
}

absl::StatusOr<std::unique_ptr<Algorithm>> Create(const Problem& problem) {
  QALAM_RETURN_IF_ERROR(RequireParameters(problem));
  QALAM_ASSIGN_OR_RETURN(const std::uint64_t seed, SeedFrom(problem.settings, problem.experiment_name));
  return std::make_unique<RandomSearch>(problem.space, seed);
}

}  // namespace qalam::algorithms::random_search
