// StoppingSavings in words, and for programs.
#pragma once

#include <string>
#include <vector>

#include "api/experiment.h"
#include "cli/stopping_savings.h"

namespace qalam::cli {

/// "about 3m12s (2m40s to 4m05s) of trial time, by stopping 12 of 30 trials early; 6m20s were used".
std::string SavedText(const StoppingSavings& savings);

/// What speaks for or against the rules having cost the best trial, a sentence each; empty when no trial had a rule.
std::vector<std::string> RiskTexts(const StoppingSavings& savings);

/// The annotation in which JSON and YAML of an experiment carry the report, one JSON object:
///   {"stoppedTrials", "finishedTrials", "trialSecondsUsed",
///    "trialSecondsSaved": {"likely", "low", "high"},
///    "replay": {"trials", "stopped", "best", "bestReplayed", "bestLost"},
///    "lookAlikes": {"trials", "best", "bestOfAll"}, "bestWasStopped", "notes": [...]}
/// What is not known is null.
inline constexpr char kSavingsAnnotation[] = "qalam.dev/early-stopping-report";
std::string SavingsJson(const StoppingSavings& savings);

/// A copy that carries the annotation, where there is a report.
api::Experiment WithSavings(api::Experiment experiment, const std::optional<StoppingSavings>& savings);

}  // namespace qalam::cli
