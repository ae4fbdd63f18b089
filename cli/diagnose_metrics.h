// Why a trial that ended well has no value for its objective.
#pragma once

#include <vector>

#include "cli/diagnosis.h"
#include "cli/trial_evidence.h"

namespace qalam::cli {

/// Of a trial without metrics, or of a running one that has not reported yet. Keys: value-not-finite, strategy,
/// file-not-written, no-output, near-miss, not-printed, output-elsewhere. Empty where the objective was reported well.
std::vector<Cause> DiagnoseMetrics(const TrialEvidence& evidence);

}  // namespace qalam::cli
