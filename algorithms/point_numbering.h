// The distinct points of a finite space with conditional parameters, numbered.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "algorithms/search_space.h"

namespace qalam::algorithms {

/// Every canonical point of a finite space has one number from 0 on. Constraints are not looked at. The space is split into
/// branches, one for each joint value of the parameters that conditions depend on; within a branch the others are
/// independent, so none of the points is stored. Memory and time to make: O(d branches). Threads: immutable.
class PointNumbering {
 public:
  static constexpr std::uint64_t kMaxBranches = 65'536;
  static constexpr std::uint64_t kMaxPoints = std::uint64_t{1} << 62;

  /// Nothing for a space that is not finite, or has more branches or points than that.
  static std::optional<PointNumbering> Make(const SearchSpace& space);

  std::uint64_t size() const { return first_.back(); }
  Point At(std::uint64_t number) const;  // number < size()

 private:
  explicit PointNumbering(const SearchSpace& space) : space_(space) {}
  bool AddBranches(const std::vector<size_t>& parents, size_t depth, Point& point);

  SearchSpace space_;
  std::vector<bool> is_parent_;
  std::vector<Point> branches_;          // canonical, the first point of each
  std::vector<std::vector<bool>> free_;  // of each branch: the parameters that have all their values there
  std::vector<std::uint64_t> first_{0};  // number of each branch's first point, and the end
};

/// How many points there are that keep all rules; nothing where that cannot be told cheaply: not finite, or constraints and
/// too many points to look at each.
std::optional<std::uint64_t> CountAdmitted(const SearchSpace& space);

}  // namespace qalam::algorithms
