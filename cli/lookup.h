// Finding what the user named, and saying so when it is not there.
#pragma once

#include <string>
#include <string_view>

#include "cli/read_store.h"
#include "cli/streams.h"

namespace qalam::cli {

/// "qalam: " + message on streams.err; returns ExitCodeFor(status).
int ReportError(const absl::Status& status, Streams& streams);

/// What a command is about: an experiment, and a trial of it if `trial` is not empty.
struct Target {
  std::string experiment, trial;
};

/// From "EXPERIMENT" or "EXPERIMENT/TRIAL", and a trial that was named by itself.
Target ReadTarget(const std::string& name, const std::string& trial);

/// The trial of `experiment` with that name, or that name after "EXPERIMENT-". NOT_FOUND says what there is.
absl::StatusOr<TrialPtr> FindTrial(const ReadStore& store, const api::Experiment& experiment,
                                   std::string_view name);

}  // namespace qalam::cli
