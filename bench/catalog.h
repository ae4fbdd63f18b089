// Problems by the names users write.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/problem.h"

namespace qalam::bench {

/// What one name stands for.
struct ProblemChoice {
  std::string name;  // with its modifiers
  Problem problem;   // as defined: not moved
  /// The problem that the run with this seed solves: moved, where the name says so, to another place for
  /// every seed, so that the spread over seeds includes the luck of the place.
  std::function<Problem(std::uint64_t run_seed)> for_run;
};

struct CatalogOptions {
  std::span<const Problem> user_problems;   // also found by their names; tables and programs of the user
  std::optional<std::uint64_t> shift_seed;  // as if every name ended with +shift=N
};

/// Reads a list of names in the order given, each once.
///
///   branin2, mlp_digits, ...     the problems of the suite (suite.h)
///   suite, continuous, mixed, table  all of them, or a group of them
///   curve-noisy, curves          learning curves whose truth is known (curve_problems.h); all problems with curves
///   constrained, conditional, gramacy, ...   with constraints and conditional parameters (constrained.h)
///   ackley-10, branin, ...       functions of the literature in any dimension (classical.h)
///   bbob-f7-10, bbob-10          one or all of the 24 BBOB functions, here in 10 dimensions (bbob.h)
///   front, zdt1, dtlz2-3, ...    problems with several losses, all of them or one (front_problem.h)
///
/// Modifiers follow a name or the name of a group:
///   +noise=0.1   what the optimiser is told has normal noise of that many times the problem's scale
///   +shift=N     the optimum is moved, by N and the run's seed (BBOB: this makes the function's instance)
///
///   +after=NAME  the optimiser knows 50 random trials of another problem: sibling, contrary, or the name of one with
///                parameters of the same types (earlier_problem.h); not together with +shift, several
///                losses or bounds on metrics
///
/// Every problem that is not of the user has a best value and a scale. INVALID_ARGUMENT: an unknown name or
/// modifier, with what would be right.
absl::StatusOr<std::vector<ProblemChoice>> FindProblems(std::span<const std::string> names,
                                                        const CatalogOptions& options);

/// One line per problem or family.
struct ProblemListing {
  std::string name, group, parameters;
  std::string epochs;  // of a whole evaluation, where losses on the way are known
};
std::vector<ProblemListing> ListProblems();

}  // namespace qalam::bench
