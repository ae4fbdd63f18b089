// A search space one of whose parameters is how much a trial may spend.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "algorithms/halving_settings.h"
#include "algorithms/point_numbering.h"
#include "algorithms/search_space.h"

namespace qalam::algorithms {

/// Points of the space are a configuration and one of a few levels of the resource.
///
/// Threads: immutable.
class FidelitySpace {
 public:
  static constexpr int kMaxLevels = 64;

  /// Levels are r_max, r_max / eta, r_max / eta^2 ... down to r_min, or, where that is not given, to the
  /// parameter's min, or, where that is 0 or less, to 1. They are moved onto its grid (downwards, if it is an
  /// int without a step), and those that become the same are one.
  ///
  /// INVALID_ARGUMENT, naming the setting: no parameter of that name; one that is no int or double, or that a rule of
  /// the space speaks of; r_max or r_min out of its range; r_min above r_max; too many levels.
  static absl::StatusOr<FidelitySpace> Make(const SearchSpace& space, const HalvingSettings& settings);

  /// Every point is a configuration, and there is one level of no resource.
  explicit FidelitySpace(SearchSpace space)
      : configurations_(std::move(space)), count_(CountAdmitted(configurations_)), levels_(1) {}

  /// What is left without the resource; the rules of the space are about that.
  const SearchSpace& configurations() const { return configurations_; }

  /// How many configurations keep the rules; nothing where there is no end of them, or it cannot be told cheaply.
  std::optional<std::uint64_t> count() const { return count_; }

  int levels() const { return static_cast<int>(levels_.size()); }  // >= 1
  double resource(int level) const { return levels_[level]; }

  /// The highest level that the point's resource reaches; nothing below the lowest one.
  std::optional<int> LevelOf(const Point& point) const;

  Point ConfigurationOf(const Point& point) const;  // canonical
  Point At(const Point& configuration, int level) const;

 private:
  FidelitySpace() = default;

  SearchSpace configurations_;
  std::optional<std::uint64_t> count_;
  std::optional<size_t> resource_;  // place in the whole space
  bool whole_ = false;              // the resource is an int
  std::vector<double> levels_;      // ascending
};

/// Lets a resource parameter of one value, with which Katib's users say that the algorithm chooses it, range from
/// 1 (or r_min, or its own value, if that is less) to r_max (or its own value, if that is more).
void FreeResource(const HalvingSettings& settings, SearchSpace& space);

}  // namespace qalam::algorithms
