// Exit codes of the program; scripts rely on them.
#pragma once

#include "api/experiment.h"
#include "base/status.h"

namespace qalam::cli {

/// Documented in the man page: never renumber.
enum class ExitCode : int {
  kOk = 0,      // goal or budget reached
  kFailed = 1,  // the experiment failed, or an error of no other kind
  kInvalidInput = 2,
  kNotFound = 3,
  kConflict = 4,          // the name exists with another specification, or somebody else holds the data
  kUnreachable = 5,       // engine, store or server cannot be reached, read or written
  kNothingSucceeded = 6,  // a limit was hit before any success
  kTimeout = 124,         // as coreutils' timeout
  kInterrupted = 130,     // 128 + SIGINT
  kTerminated = 143,      // 128 + SIGTERM
};

constexpr int ToInt(ExitCode code) { return static_cast<int>(code); }

/// INVALID_ARGUMENT, OUT_OF_RANGE: 2. NOT_FOUND: 3. ALREADY_EXISTS, ABORTED, FAILED_PRECONDITION: 4.
/// UNAVAILABLE, DATA_LOSS, RESOURCE_EXHAUSTED, PERMISSION_DENIED, UNAUTHENTICATED: 5. DEADLINE_EXCEEDED: 124.
/// CANCELLED: 130. Other errors: 1.
ExitCode ExitCodeFor(const absl::Status& status);

/// Of an experiment in its last state: Failed 1; Succeeded 0, or 6 when it has no optimal trial; not
/// finished 1.
ExitCode ExitCodeFor(const api::Experiment& experiment);

}  // namespace qalam::cli
