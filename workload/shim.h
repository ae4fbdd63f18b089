// The process that stands between the launcher and one program. Internal to this room.
#pragma once

#include <sys/types.h>

#include "workload/container_runner.h"

namespace qalam::workload {

/// Runs `run`, waits for it, then ends and reaps every process it left, whatever session they moved to: as a
/// subreaper this process inherits them all. Writes one kExit frame to `report_pipe` when nothing is left,
/// and exits.
///
/// To be called in a fork of the launcher `launcher`, with all signals blocked. Signals to this process: TERM
/// stops the program with its grace period; USR1, and the HUP that comes when the launcher dies, with the
/// short one.
[[noreturn]] void RunShim(RunId id, const ContainerRun& run, int report_pipe, pid_t launcher);

/// Where the limits of a run live, when it has any and a cgroup root.
std::string CgroupName(RunId id, pid_t launcher);

}  // namespace qalam::workload
