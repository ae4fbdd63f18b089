// Problems with constraints and with conditional parameters, and the same ones for an optimiser that is not told of them.
#pragma once

#include <vector>

#include "bench/problem.h"

namespace qalam::bench {

/// Made once. Groups:
///
///   constrained        gardner-1, gardner-2 [1], gramacy [2], pressure-vessel [3]: bounds on metrics; in the last one also
///                      linear constraints between parameters, two of which have steps
///   conditional        jenatton-tree [4]; svm_digits-conditional, the suite's table, in which gamma is active where the
///                      kernel has one
///   constrained-blind, conditional-blind   NAME-blind: every parameter is always there, and what violates a constraint is a
///                      trial that fails
///
/// [1] Gardner et al., Bayesian Optimization with Inequality Constraints, ICML 2014, simulations 1 and 2.
/// [2] Gramacy et al., Modeling an Augmented Lagrangian for Blackbox Constrained Optimization, Technometrics 58, 2016.
/// [3] Kannan, Kramer, An Augmented Lagrange Multiplier Based Method for Mixed Integer Discrete Continuous Optimization,
///     1994; thicknesses from 1 to 99 sixteenths of an inch.
/// [4] Jenatton et al., Bayesian Optimization with Tree-structured Dependencies, ICML 2017, section 5.1.
const std::vector<Problem>& ConstrainedProblems();

}  // namespace qalam::bench
