// The process that stands between the launcher and one program at a time. Internal to this room.
#pragma once

#include <sys/types.h>

#include "workload/container_runner.h"

namespace qalam::workload {

/// Serves one kStart of `socket` after the other: runs the program, waits for it, then ends and reaps every
/// process it left, whatever session they moved to: as a subreaper this process inherits them all. Sends
/// kExit when nothing is left, and awaits the next run. A kStop of the running one ends it with its grace
/// period; the end of the stream ends it with the short one, and then this process.
///
/// When processes are left that may not be killed, the kExit follows a kShutdown: this process takes no
/// other run and exits.
///
/// To be called in a fork of the launcher `launcher`, with all signals blocked; `child_signals` is a
/// non-blocking signalfd of SIGCHLD, which may be the launcher's own: it tells each reader of its own children.
[[noreturn]] void RunShim(int socket, int child_signals, pid_t launcher);

/// Where the limits of a run live, when it has any and a cgroup root.
std::string CgroupName(RunId id, pid_t launcher);

}  // namespace qalam::workload
