// Algorithm "auto".
#pragma once

#include <memory>
#include <string_view>

#include "algorithms/algorithm.h"

namespace qalam::algorithms {

/// One of the other algorithms, with its defaults, chosen by the problem alone: it stays the same during an experiment
/// unless its limits are changed, and then the new one learns from the trials there are. Space, trials, cost and
/// determinism are those of the chosen one.
///
/// Settings:    seed, random_state.
namespace auto_search {

/// The first that holds:
///   more than 1,500 trials, or 64 and more at once: "cmaes" for two and more parameters that are all numeric, otherwise "tpe".
///                         A Gaussian process would take longer than many trials, and see a part of them only;
///   20 parameters and more: "turbo", as a model of the whole space knows too little of any place;
///   otherwise:              "bayesianoptimization".
std::string_view Choose(const Problem& problem);

absl::Status Validate(const Problem& problem);
absl::StatusOr<std::unique_ptr<Algorithm>> Create(const Problem& problem);

}  // namespace auto_search
}  // namespace qalam::algorithms
