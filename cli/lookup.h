// Finding what the user named, and saying so when it is not there.
#pragma once

#include <string_view>

#include "cli/read_store.h"
#include "cli/streams.h"

namespace qalam::cli {

/// "qalam: " + message on streams.err; returns ExitCodeFor(status).
int ReportError(const absl::Status& status, Streams& streams);

/// The trial of `experiment` with that name, or that name after "EXPERIMENT-". NOT_FOUND says what there is.
absl::StatusOr<TrialPtr> FindTrial(const ReadStore& store, const api::Experiment& experiment,
                                   std::string_view name);

}  // namespace qalam::cli
