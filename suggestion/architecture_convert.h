// Architecture searches on the wire.
#pragma once

#include "algorithms/algorithm.h"
#include "proto/api.pb.h"

namespace qalam::suggestion {

namespace wire = ::api::v1::beta1;

/// Reads nas_config into `problem`, if the algorithm that the spec names searches architectures; for others the space stays
/// empty, as they refuse any. An algorithm that needs layers must have input sizes, output sizes and layers.
///
/// INVALID_ARGUMENT for the first thing that is missing or wrong, in Katib's order and with its texts, which end in the
/// message in question; for a range of which a bound is no number; for a parameter of more than 10,000 values. A range whose
/// min is above its max has no values, as in Katib. Ints without a step have a step of 1.
absl::Status ReadArchitecture(const wire::ExperimentSpec& spec, algorithms::Problem& problem);

}  // namespace qalam::suggestion
