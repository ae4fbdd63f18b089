// The quick form: an Experiment from flags and a command, without any YAML.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/experiment.h"
#include "api/field_error.h"

namespace qalam::cli {

/// The flags of `qalam run [flags] -- PROGRAM ARGUMENT...`, as typed.
struct QuickFormOptions {
  std::string name;                        // --name; derived from the program's file name when empty
  std::string namespace_name = "default";  // -n, --namespace
  std::string objective;                   // --objective max:accuracy or min:loss; required
  std::vector<std::string> metrics;        // --metric NAME: metrics recorded beside the objective
  std::vector<std::string> parameters;     // --param NAME=VALUES, see parameter_text.h; at least one
  std::optional<std::string> algorithm;    // --algorithm. Nothing: kDefaultAlgorithm
  std::vector<std::string> settings;       // --setting KEY=VALUE: algorithm settings
  std::optional<std::string> stop;         // --stop RULE: early stopping
  std::vector<std::string> stop_settings;  // --stop-setting KEY=VALUE: its settings
  std::optional<std::int64_t> seed;        // --seed; >= 0. Nothing: derived from the experiment's name
  std::optional<std::int32_t> max_trials;  // --max-trials; > 0. Nothing: kDefaultMaxTrials if `runs`
  std::optional<std::int32_t> parallel;    // --parallel; > 0. Nothing: 3, or max_trials if that is less
  std::string timeout_per_trial;           // --timeout-per-trial 90s, 15m, 1h30m; none when empty
  std::optional<std::int32_t> retries;     // --retries; >= 0. Nothing: the engine's default
  std::string working_directory;           // --workdir; the engine's default when empty
  std::vector<std::string> environment;    // --env KEY=VALUE
  std::vector<std::string> tries;          // --try NAME=VALUE,...: points to be tried first
  std::vector<std::string> warm_start;     // --warm-start NAME: earlier experiments to learn from
  std::vector<std::string> command;        // what follows --; required if `runs`
  bool runs = true;                        // false: somebody else runs the trials (ask and tell)
};

constexpr std::string_view kDefaultAlgorithm = "auto";

/// Few enough to end over a coffee, enough for random search to find a good point in five dimensions.
constexpr std::int32_t kDefaultMaxTrials = 50;

struct QuickForm {
  api::Experiment experiment;  // without defaults; meaningful only without errors
  api::FieldErrors errors;     // all of them; `field` names the flag, for example "--param lr"
};

/// Builds the Experiment that the flags stand for: a kind Process template (apiVersion qalam.dev/v1) whose
/// command has ${trialParameters.NAME} in place of each {NAME}, the StdOut collector, and resumePolicy LongRunning, so that
/// the same command with a larger --max-trials goes on.
///
/// Only `{NAME}` with NAME a declared parameter is a placeholder, anywhere in an argument or in a value of
/// --env. All other braces are the program's own: JSON, and a shell's ${NAME}. `{{NAME}}` gives the text
/// {NAME}.
QuickForm BuildExperiment(const QuickFormOptions& options);

}  // namespace qalam::cli
