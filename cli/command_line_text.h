// From a trial back to something that can be pasted into a shell.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/trial.h"
#include "base/status.h"

namespace qalam::cli {

/// One word of a POSIX shell: unchanged when it needs no quotes, else in single quotes. Any bytes but NUL.
std::string ShellQuote(std::string_view word);

/// What a run specification executes.
struct ProgramCall {
  std::vector<api::NameValue> environment;
  std::string working_directory;  // empty: not said
  std::vector<std::string> argv;
};

/// Finds the program in a run specification or a trial template's specification: spec.command and spec.args
/// of a Process; otherwise command and args of the container named `primary_container`, wherever the workload
/// keeps its containers. Environment values that come from elsewhere (valueFrom) are left out.
/// INVALID_ARGUMENT: no JSON. NOT_FOUND: no such container, or it names no command.
absl::StatusOr<ProgramCall> FindProgramCall(const api::JsonText& run_spec,
                                            std::string_view primary_container);

/// "LR=0.1 python train.py --layers 2"; in "(cd DIR && ...)" with a working directory.
std::string CommandLine(const ProgramCall& call);

/// The arguments that carry parameters, with the optimal values and shell-quoted, in the template's order:
/// "--lr=0.1" for
/// "--lr=${trialParameters.lr}", and "--lr 0.1" when an option and its value are two arguments. Where the
/// template has no such argument (the program reads its environment, or the template is elsewhere):
/// "--NAME=VALUE" for each.
std::string BestArguments(const api::TrialTemplate& trial_template,
                          const std::vector<api::ParameterAssignment>& assignments);

/// One "NAME=VALUE" per line, safe for a shell's eval: characters that no variable may have become '_' in
/// names (and a digit in front gets one before it), values are quoted.
std::string BestEnvironment(const std::vector<api::ParameterAssignment>& assignments);

}  // namespace qalam::cli
