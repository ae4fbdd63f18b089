// Defaults, as Katib's mutating webhook fills them.
#pragma once

#include "api/experiment.h"

namespace qalam::api {

/// Fills every default of the contract in place: parallelTrialCount 3, resumePolicy Never, metric strategies,
/// distributions, the collector and its paths, conditions and pod labels by kind of the template.
/// For the kind Process also: the primary container's name, and one trialParameter per parameter when none is
/// given.
void SetDefaults(Experiment& experiment);

}  // namespace qalam::api
