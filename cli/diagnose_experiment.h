// What is to be said about an experiment.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "cli/diagnosis.h"
#include "cli/trial_evidence.h"

namespace qalam::cli {

struct ExperimentEvidence {
  const api::Experiment* experiment = nullptr;
  const api::Suggestion* suggestion = nullptr;             // may be null
  std::vector<TrialPtr> trials;                            // in order of creation
  std::function<TrialEvidence(const api::Trial&)> gather;  // of one trial; asked for a few of them
};

/// Keys besides those about single trials: max-failed-trials, failure-region, infeasible-region, and those of
/// DiagnoseRunner and DiagnoseSuggestion. Trials that ended without a result come in groups with the same reason; the
/// cause is that of the newest of each group. An experiment that runs well, or ended well, has no causes.
Diagnosis DiagnoseExperiment(const ExperimentEvidence& evidence, const Surroundings& around);

}  // namespace qalam::cli
