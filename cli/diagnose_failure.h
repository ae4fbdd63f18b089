// Why a trial has failed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/diagnosis.h"
#include "cli/trial_evidence.h"

namespace qalam::cli {

/// How a program ended, as far as that is recorded with the trial.
struct RecordedExit {
  std::optional<int> code;     // 128 + signal after a signal
  std::optional<int> signal;   // that ended the program itself
  bool out_of_memory = false;  // its memory limit was hit
};
RecordedExit ExitOf(const api::Trial& trial);

/// Of a trial in state Failed. Keys: infeasible, temporary-failure, timeout, template, out-of-memory, not-started,
/// signal, exit-code; likely-out-of-memory beside one of those.
std::vector<Cause> DiagnoseFailure(const TrialEvidence& evidence, const Surroundings& around);

/// What an output says of its program's end: of a Python traceback the last place and the error, otherwise the last lines.
std::vector<std::string> TellingLines(std::string_view output);

}  // namespace qalam::cli
