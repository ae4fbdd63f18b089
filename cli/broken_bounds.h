// What the best trial does not keep.
#pragma once

#include <string>

#include "api/experiment.h"

namespace qalam::cli {

/// Which constraints on metrics the optimal trial does not keep, which means that none keeps them all; empty otherwise.
std::string BrokenBounds(const api::Experiment& experiment);

}  // namespace qalam::cli
