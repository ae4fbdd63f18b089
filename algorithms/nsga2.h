// Algorithm "nsga2".
#pragma once

#include <memory>

#include "algorithms/algorithm.h"

namespace qalam::algorithms {

/// The non-dominated sorting genetic algorithm II [1], without generations: parents are chosen among the best
/// population_size of all finished trials, so that any number of trials may run at once and no label is needed.
///
/// Space:       every type, distribution and step. Numbers cross by simulated binary crossover and mutate
///              polynomially [2], both bounded, in the quantiles of the declared distributions; unordered lists cross
///              uniformly. Children that do not keep the constraints are moved onto them. No point comes twice while a
///              small finite space has others.
/// Objectives:  any number, one included.
/// Trials:      the population is chosen by Pareto rank, then by crowding distance. Trials that keep all constraints on
///              metrics come before those that do not, which compare by their violation (metric_constraints.h). Failed
///              trials are never parents, and a child whose nearest neighbour of all that ended has failed is drawn
///              again. Early-stopped ones count with their last values.
/// Proposals:   scrambled Sobol points until population_size trials have a result; then children of two parents, each
///              the winner of a binary tournament.
/// Settings:    docs/algorithms/nsga2.md.
/// Cost:        O(m n p log p) per call for n results, m objectives and a population of p; where trials have failed,
///              O(n d) per point for d parameters.
/// Determinism: a function of (problem, set of trials, number of the point, points of its batch before it).
///
/// [1] Deb, Pratap, Agarwal, Meyarivan, A Fast and Elitist Multiobjective Genetic Algorithm: NSGA-II, IEEE TEC 6(2),
///     2002.
/// [2] Deb, Agrawal, Simulated Binary Crossover for Continuous Search Space, Complex Systems 9, 1995; mutation and
///     bounds as in [1]'s program.
namespace nsga2 {

absl::Status Validate(const Problem& problem);
absl::StatusOr<std::unique_ptr<Algorithm>> Create(const Problem& problem);

}  // namespace nsga2
}  // namespace qalam::algorithms
