// What a session has to say at its end.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "api/trial.h"
#include "cli/pareto_front.h"
#include "cli/stopping_savings.h"
#include "cli/terminal.h"

namespace qalam::cli {

/// Why the session ended, if not because the experiment did.
enum class EndCause { kFinished, kInterrupted, kTerminated, kTimeout, kStopped };

struct SummaryInput {
  const api::Experiment* experiment = nullptr;  // last state; required
  const api::Trial* best_trial = nullptr;       // the one the status calls optimal; null when there is none
  std::string best_log_file;                    // of the best trial; empty when unknown
  absl::Duration wall = absl::ZeroDuration();   // of this session
  std::optional<double> busy_share;             // ProgressModel::BusyShare
  std::optional<StoppingSavings> savings;       // nothing without early stopping
  std::optional<ParetoFront> front;             // nothing with one objective
  EndCause cause = EndCause::kFinished;
  std::string resume_command;  // shown after "resume with:" unless the experiment is finished
};

/// Why it ended, in words, with counts by state; the best trial with its parameters and as a command line to
/// paste; with several objectives their front; where the logs are; how long it took and how busy the slots were; what
/// early stopping saved and risked; how to go on. Lines are not cut: commands must stay whole.
std::vector<std::string> SummaryLines(const SummaryInput& input, const Terminal& terminal);

}  // namespace qalam::cli
