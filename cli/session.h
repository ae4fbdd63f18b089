// One sitting of `qalam run`: an experiment is put into the store, driven to its end, and shown while it
// goes.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "api/core.h"
#include "api/experiment.h"
#include "cli/exit_code.h"
#include "cli/output.h"
#include "cli/streams.h"
#include "server/runtime.h"

namespace qalam::cli {

struct SessionOptions {
  server::RuntimeOptions runtime;
  std::optional<absl::Duration> timeout;  // of the session
  bool quiet = false;                     // no progress and no summary
  std::optional<OutputFormat>
      output;                  // json or yaml: print the Experiment at the end; otherwise the best trial
  std::string resume_command;  // what to type to go on
};

/// Creates the experiment, or goes on with the one of that name: a start is a resume of nothing. `experiment`
/// has its defaults and is valid; null resumes what `options.runtime.only` names. `config_maps` are stored
/// beside it.
///
/// Signals: the first SIGINT lets running trials finish, the second ends them, the third leaves at once;
/// SIGTERM ends them at once. Interrupted trials run again when the experiment is resumed.
///
/// Exit codes as in exit_code.h: conflict when the name exists with another specification (the difference is
/// shown).
///
/// To be called while the process has one thread.
ExitCode RunSession(const SessionOptions& options, const api::Experiment* experiment,
                    const std::vector<std::shared_ptr<api::ConfigMap>>& config_maps, Streams& streams);

}  // namespace qalam::cli
