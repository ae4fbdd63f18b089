// Random orthogonal matrices for problems whose coordinates interact. Internal to this room.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace qalam::bench {

/// A square orthogonal matrix, row by row.
struct Rotation {
  int size = 0;
  std::vector<double> rows;

  std::vector<double> Apply(std::span<const double> x) const;
  std::vector<double> ApplyTransposed(std::span<const double> x) const;
};

/// Uniform over all orthogonal matrices (Gram-Schmidt on independent normal entries), a function of its
/// arguments. O(size^3).
Rotation RandomRotation(int size, std::uint64_t seed);

}  // namespace qalam::bench
