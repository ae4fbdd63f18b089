// A suggestion service somewhere else, seen as an algorithm.
#pragma once

#include <memory>
#include <string>

#include "algorithms/algorithm.h"
#include "api/experiment.h"

namespace qalam::server {

/// Asks api.v1.beta1.Suggestion at `address` ("host:port", cleartext) for algorithm `algorithm_name`. The
/// setting `seed` is sent as `random_state`, the name that Katib's services know.
///
/// Unlike other algorithms it is as pure as the service is, and one call may give fewer points than asked.
/// Suggest: the service's code and message; INTERNAL for a value that is not in the space, or no point at
/// all.
std::unique_ptr<algorithms::Algorithm> RemoteAlgorithm(const std::string& address,
                                                       const std::string& algorithm_name,
                                                       const algorithms::Problem& problem);

/// What the suggestion service makes of the experiment's parameters. INVALID_ARGUMENT as it would answer.
absl::StatusOr<algorithms::SearchSpace> SearchSpaceOf(const api::Experiment& experiment);

}  // namespace qalam::server
