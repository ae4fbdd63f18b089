// What is to be said about one trial.
#pragma once

#include "cli/diagnosis.h"
#include "cli/trial_evidence.h"

namespace qalam::cli {

/// Of a trial in any state. Keys besides those of diagnose_failure.h, diagnose_metrics.h and diagnose_waiting.h:
/// stopped-early, killed.
Diagnosis DiagnoseTrial(const TrialEvidence& evidence, const Surroundings& around);

/// Why a trial has ended without a result, in whatever state. Empty for trials that are running or have one.
std::vector<Cause> DiagnoseEnd(const TrialEvidence& evidence, const Surroundings& around);

}  // namespace qalam::cli
