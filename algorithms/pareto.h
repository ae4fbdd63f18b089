// What it means to be better in several objectives at once.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace qalam::algorithms {

/// One value per objective, finite; lower is better. Points that are compared have equally many.
using Losses = std::vector<double>;

/// Not worse in any objective, and better in one.
bool Dominates(const Losses& a, const Losses& b);

/// The rank of each point: 0 for those that no other dominates, 1 for those that only points of rank 0 dominate, and
/// so on: the fast non-dominated sort of Deb et al. [1], O(m n^2). Equal points have equal ranks.
///
/// [1] Deb, Pratap, Agarwal, Meyarivan, A Fast and Elitist Multiobjective Genetic Algorithm: NSGA-II, IEEE TEC 6(2), 2002.
std::vector<size_t> ParetoRanks(std::span<const Losses> points);

/// Which points no other dominates, ascending; equal ones are all there. O(m n^2), O(n log n) for two objectives.
std::vector<size_t> ParetoFront(std::span<const Losses> points);

/// How lonely each point is among the others of its front [1]: over all objectives, the sum of the distances between its
/// neighbours, as shares of the range; infinite for the ends. Of equal points all but the first count as having no distance,
/// so that a front does not fill with copies. O(m n log n).
std::vector<double> CrowdingDistances(std::span<const Losses> front);

}  // namespace qalam::algorithms
