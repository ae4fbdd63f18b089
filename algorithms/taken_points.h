// The points that need not be proposed again.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_set>

#include "algorithms/observations.h"

namespace qalam::algorithms {

/// A hash of the point, the same for all values of a finite parameter that are nearest to the same grid value.
std::uint64_t PointKey(const SearchSpace& space, const Point& point);

/// A set of points. Two points are the same when every parameter has the same value (on finite parameters: the
/// same grid value). Points are known by a 64-bit hash: among a million of them some one in 10^7 is wrongly
/// believed taken, which costs nothing but that point.
class TakenPoints {
 public:
  explicit TakenPoints(const SearchSpace& space) : space_(space) {}  // which must outlive this
  TakenPoints(const SearchSpace& space, const Observations& seen);   // finished, pending and failed points

  bool Contains(const Point& point) const;
  void Add(const Point& point);

  /// A point of a finite space that keeps its rules and is not in the set, the same for the same set and seed; nothing when
  /// all of them are taken or the space is not finite. O(d size of the set) at worst without constraints; with them it
  /// looks at no more than 65,536 points beyond.
  std::optional<Point> AnyFree(std::uint64_t seed) const;

 private:
  const SearchSpace& space_;
  std::unordered_set<std::uint64_t> keys_;
};

}  // namespace qalam::algorithms
