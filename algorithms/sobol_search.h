// Algorithm "sobol".
#pragma once

#include <memory>

#include "algorithms/algorithm.h"

namespace qalam::algorithms {

/// Scrambled Sobol points (sobol_sequence.h), mapped through the declared distributions: they fill the space
/// more evenly than random ones. One sequence per experiment, continued from call to call; the first 2^m
/// points are a net.
///
/// Space:       every type, distribution and step; at most 3667 parameters, parameter j has dimension j of
///              the sequence. In a small finite space points repeat, each value as often as its chance
///              demands.
/// Trials:      not used.
/// Settings:    seed, random_state. Others are ignored, as by Katib's service, which reads none.
/// Cost:        O(64 d) per call and O(32 d) per point: some 1 us a value.
/// Determinism: point i is a function of (space, seed, i).
namespace sobol_search {

/// INVALID_ARGUMENT also for more than 3667 parameters.
absl::Status Validate(const Problem& problem);

absl::StatusOr<std::unique_ptr<Algorithm>> Create(const Problem& problem);

}  // namespace sobol_search
}  // namespace qalam::algorithms
