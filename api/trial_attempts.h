// How the attempts of a trial went. Kept in its annotations, so that it outlives the process that saw it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "api/trial.h"

namespace qalam::api {

struct TrialAttempts {
  int started = 0;                 // 0: nothing is recorded, as for a first attempt that has not failed
  std::optional<int> exit_code;    // of the last attempt that ended, 128 + signal after a signal
  std::string last_failure;        // how the last one that failed ended: "exit code 75"; empty: none did
  std::optional<absl::Time> next;  // when the next attempt starts, while it is waited for; whole seconds
  std::int64_t output_begins = 0;  // byte of the output at which the last attempt began
  std::int64_t previous_output_begins = 0;  // and the one before
  bool operator==(const TrialAttempts&) const = default;
};

/// What cannot be read counts as absent.
TrialAttempts AttemptsOf(const Trial& trial);

/// True on change.
bool SetAttempts(const TrialAttempts& attempts, Trial& trial);

}  // namespace qalam::api
