// The best of what was observed in several objectives.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "algorithms/observations.h"

namespace qalam::algorithms {

/// An observation that is kept, and how it compares with the others that are.
struct EliteMember {
  size_t index = 0;     // of the observation
  size_t rank = 0;      // lower is better
  double crowding = 0;  // of equal rank, the lonelier one is better
};

/// Whether a tournament of the two is the first one's.
inline bool IsFitter(const EliteMember& a, const EliteMember& b) {
  return a.rank != b.rank ? a.rank < b.rank : a.crowding > b.crowding;
}

/// The `size` best of `finished`, as NSGA-II's survivors would be if every `size` of them were a generation,
/// the last of which may be incomplete: by Pareto rank, and of the last rank that is too large the most
/// crowded ones are removed one after another [1]. Observations that violate constraints on metrics come
/// after all others, by how much they do.
///
/// `size` members, or as many as there are. Ascending by index. O(m n size log size).
///
/// [1] Kukkonen, Deb, Improved Pruning of Non-Dominated Solutions Based on Crowding Distance, CEC 2006.
std::vector<EliteMember> EliteOf(std::span<const Observation> finished, size_t size);

}  // namespace qalam::algorithms
