// Why a trial or an experiment does not go on.
#pragma once

#include <optional>
#include <vector>

#include "cli/diagnosis.h"
#include "cli/trial_evidence.h"

namespace qalam::cli {

/// When nobody, or somebody else, runs the experiment. Key: nobody-runs-it.
std::optional<Cause> DiagnoseRunner(const api::Experiment& experiment, const Surroundings& around);

/// Of a pending or running trial, whoever runs it. Keys: waiting-for-retry, cannot-start, not-started-yet,
/// process-stopped, process-waits, no-process, silent. Empty for a trial that prints.
std::vector<Cause> DiagnoseTrialWaiting(const TrialEvidence& evidence, const Surroundings& around);

/// Of an experiment that is not finished. Keys: suggestion-failed, suggestion-delayed, space-exhausted, end-rule-met. `suggestion` may be
/// null.
std::vector<Cause> DiagnoseSuggestion(const api::Suggestion* suggestion, const Surroundings& around);

}  // namespace qalam::cli
