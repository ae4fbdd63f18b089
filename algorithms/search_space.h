// What is searched: parameters, in the order in which the user wrote them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "algorithms/parameter.h"

namespace qalam::algorithms {

/// One value per parameter, in the order of the space.
using Point = std::vector<Value>;

/// Immutable; const methods may run concurrently.
class SearchSpace {
 public:
  /// More combinations than this are reported as this many.
  static constexpr std::uint64_t kManyCombinations = std::uint64_t{1} << 63;

  /// The space of one point, which has no values.
  SearchSpace() = default;

  /// INVALID_ARGUMENT when two parameters have the same name (the message gives it).
  static absl::StatusOr<SearchSpace> Make(std::vector<Parameter> parameters);

  std::span<const Parameter> parameters() const { return parameters_; }
  size_t size() const { return parameters_.size(); }

  /// Product of the parameters' cardinalities, at most kManyCombinations; nothing when one of them is
  /// continuous.
  std::optional<std::uint64_t> combinations() const;

  /// Whether every parameter is uniform: all combinations (or equal volumes) have the same chance.
  bool is_uniform() const;

  /// Coordinate by coordinate; `u` has size() entries in (0, 1).
  Point FromUnit(std::span<const double> u) const;
  std::vector<double> ToUnit(const Point& point) const;

  /// The point whose parameters have the values of these numbers; finite spaces only.
  Point At(std::span<const std::uint64_t> indices) const;

 private:
  std::vector<Parameter> parameters_;
};

}  // namespace qalam::algorithms
