// Algorithms "tpe" and "multivariate-tpe".
#pragma once

#include <memory>

#include "algorithms/algorithm.h"

namespace qalam::algorithms {

/// Tree-structured Parzen estimator [1]: fits a density l to the best results and another, g, to the rest, draws
/// candidates from l and proposes the one with the largest l(x) / g(x). Katib takes "tpe" from Hyperopt and
/// "multivariate-tpe" from Optuna; here one algorithm has both names, which differ in the settings they take.
///
/// Space:       every type, distribution and step: the declared distribution is the prior. Discrete lists of
///              numbers are ordered. Densities are joint, so that what goes together stays together.
///              Where a parameter is inactive it is no part of the densities. Candidates that do not keep the constraints
///              are skipped.
/// Trials:      those that violate constraints on metrics rank behind all that keep them, by how much they do.
///              Failed ones count as bad, and so do pending ones (constant liar). Early-stopped ones count with
///              their last value. Points of other origin are welcome. Before n_startup_trials have ended,
///              points come from a scrambled Sobol sequence.
/// Earlier experiments: their trials count like this one's, good and bad by their own ranks, with the weight of their
///              relevance (related_trials.h), which fades as the square of 10 / (10 + trials here). No start-up then.
/// Proposals:   differ from each other and from all earlier points while the space has any left.
/// Cost:        O(n c d) per point, for n trials, c candidates and d parameters: some 1 ms for 1,000, 24, 10.
/// Determinism: a function of (problem, set of trials, number of the point).
///
/// Departs from [1], as [2] and [3] advise: joint kernels; kernels truncated to the range, and integrated over
/// the cells of a grid; bandwidths by Scott's rule d-variate, n^(-1/(d+4)). Beyond these: the bandwidth of l
/// follows the spread of the good points, so that the search narrows at the pace of what it found; better points
/// weigh more in l, by rank as in CMA-ES [4]; kernels of g are half as wide, as a bad point speaks for its own
/// neighbourhood only.
///
/// [1] Bergstra et al., Algorithms for Hyper-Parameter Optimization, NIPS 2011, section 4.
/// [2] Falkner et al., BOHB, ICML 2018, section 3.2.
/// [3] Watanabe, Tree-Structured Parzen Estimator: Understanding Its Algorithm Components and Their Roles for
///     Better Empirical Performance, arXiv:2304.11127, 2023.
/// [4] Hansen, The CMA Evolution Strategy: A Tutorial, arXiv:1604.00772, 2023, equation 49.
namespace tpe {

/// Settings: gamma in (0, 1), prior_weight > 0, n_EI_candidates > 0 (Hyperopt's); n_startup_trials >= 0,
/// n_ei_candidates >= 0 (Optuna's; 0 counts as 1); seed, random_state. See docs/algorithms/tpe.md.
absl::Status Validate(const Problem& problem);
absl::StatusOr<std::unique_ptr<Algorithm>> Create(const Problem& problem);

}  // namespace tpe

namespace multivariate_tpe {

/// Settings: n_startup_trials >= 0, n_ei_candidates >= 0, seed, random_state.
absl::Status Validate(const Problem& problem);
absl::StatusOr<std::unique_ptr<Algorithm>> Create(const Problem& problem);

}  // namespace multivariate_tpe
}  // namespace qalam::algorithms
