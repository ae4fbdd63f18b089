// The processes of a running trial, as the kernel shows them.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/time/time.h"

namespace qalam::cli {

struct TrialProcess {
  pid_t pid = 0;
  std::string name;  // as the kernel calls it, at most 15 bytes
  char state =
      'S';  // R running, S sleeping, D waiting for a device, T stopped, t traced, Z ended and not waited for
  absl::Duration cpu = absl::ZeroDuration();  // used so far
};

/// Those whose environment says QALAM_TRIAL_DIR=`trial_directory`, by pid. `proc` is usually /proc. Processes of other
/// users, and those that have changed their environment, are not seen.
std::vector<TrialProcess> FindTrialProcesses(const std::string& proc, const std::string& trial_directory);

}  // namespace qalam::cli
