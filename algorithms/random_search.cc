#include "algorithms/random_search.h"

#include <optional>
#include <unordered_set>

#include "algorithms/combination_shuffle.h"
#include "algorithms/random_engine.h"

namespace qalam::algorithms::random_search {
namespace {

constexpr std::uint64_t kShuffleStream = 0x72616e646f6d;  // keeps the order apart from that of grid search
constexpr std::uint64_t kMaxDistinct = 65'536;            // bounds the work of one call to some 0.1 s
constexpr int kMaxRedraws = 32;
constexpr std::int64_t kStopInterval = 256;

using Indices = std::vector<std::uint64_t>;

std::uint64_t Key(const Indices& indices) {
  std::uint64_t key = 0;
  for (const std::uint64_t index : indices) key = HashWords({key, index});
  return key;
}

// One round through a finite space whose values are not equally likely: draws without repetition, from the
// first on.
class Round {
 public:
  Round(const SearchSpace& space, std::uint64_t seed, std::uint64_t number)
      : space_(space), seed_(seed), shuffle_(space, HashWords({seed, kShuffleStream, number})) {}

  Indices Next(std::uint64_t index) {
    Indices drawn;
    for (int redraw = 0; redraw < kMaxRedraws; ++redraw) {
      drawn = Draw(index, redraw);
      if (seen_.insert(Key(drawn)).second) return drawn;
    }
    for (; scanned_ < *space_.combinations(); ++scanned_) {
      Indices next = shuffle_(scanned_);
      if (seen_.insert(Key(next)).second) return next;
    }
    return drawn;
  }

  // May repeat.
  Indices Draw(std::uint64_t index, std::uint64_t redraw) const {
    Rng rng({seed_, index, redraw});
    Indices drawn;
    drawn.reserve(space_.size());
    for (const Parameter& parameter : space_.parameters())
      drawn.push_back(parameter.IndexFromUnit(rng.Uniform()));
    return drawn;
  }

 private:
  const SearchSpace& space_;
  std::uint64_t seed_;
  CombinationShuffle shuffle_;
  std::unordered_set<std::uint64_t> seen_;
  std::uint64_t scanned_ = 0;
};

class RandomSearch final : public Algorithm {
 public:
  RandomSearch(SearchSpace space, std::uint64_t seed)
      : space_(std::move(space)), seed_(seed), combinations_(space_.combinations()) {}

  bool uses_history() const override { return false; }

  absl::StatusOr<Suggestions> Suggest(const History&, const Ask& ask) const override {
    QALAM_RETURN_IF_ERROR(CheckAsk(ask));
    Suggestions suggestions;
    suggestions.proposals.reserve(ask.count);
    if (ask.count == 0) return suggestions;
    QALAM_RETURN_IF_ERROR(!combinations_        ? AddIndependent(ask, suggestions)
                          : space_.is_uniform() ? AddPermuted(ask, suggestions)
                                                : AddDistinct(ask, suggestions));
    return suggestions;
  }

 private:
  absl::Status AddIndependent(const Ask& ask, Suggestions& suggestions) const {
    std::vector<double> u(space_.size());
    for (std::int64_t i = 0; i < ask.count; ++i) {
      if (i % kStopInterval == 0) QALAM_RETURN_IF_ERROR(CheckStop(ask));
      Rng rng({seed_, static_cast<std::uint64_t>(ask.handed_out + i)});
      for (double& x : u) x = rng.Uniform();
      suggestions.proposals.push_back({space_.FromUnit(u), {}, {}});
    }
    return absl::OkStatus();
  }

  absl::Status AddPermuted(const Ask& ask, Suggestions& suggestions) const {
    std::optional<CombinationShuffle> shuffle;
    for (std::int64_t i = 0; i < ask.count; ++i) {
      if (i % kStopInterval == 0) QALAM_RETURN_IF_ERROR(CheckStop(ask));
      const std::uint64_t index = ask.handed_out + i, place = index % *combinations_;
      if (!shuffle || place == 0) {
        shuffle.emplace(space_, HashWords({seed_, kShuffleStream, index / *combinations_}));
      }
      suggestions.proposals.push_back({space_.At((*shuffle)(place)), {}, {}});
    }
    return absl::OkStatus();
  }

  absl::Status AddDistinct(const Ask& ask, Suggestions& suggestions) const {
    const std::uint64_t first = ask.handed_out, end = first + ask.count;
    const std::uint64_t place_of_first = first % *combinations_;
    std::optional<Round> round;
    for (std::uint64_t i = place_of_first < kMaxDistinct ? first - place_of_first : first; i < end; ++i) {
      if (i % kStopInterval == 0) QALAM_RETURN_IF_ERROR(CheckStop(ask));
      const std::uint64_t place = i % *combinations_;
      if (!round || place == 0) round.emplace(space_, seed_, i / *combinations_);
      const Indices indices = place < kMaxDistinct ? round->Next(i) : round->Draw(i, 0);
      if (i >= first) suggestions.proposals.push_back({space_.At(indices), {}, {}});
    }
    return absl::OkStatus();
  }

  const SearchSpace space_;
  const std::uint64_t seed_;
  const std::optional<std::uint64_t> combinations_;
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
