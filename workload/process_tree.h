// Who descends from whom, from /proc. Internal to this room.
#pragma once

#include <sys/types.h>

#include <vector>

namespace qalam::workload {

struct ProcessInfo {
  pid_t pid = 0, parent = 0, session = 0;
};

/// Every process this one may see, zombies included. About 5 us per process of the machine.
std::vector<ProcessInfo> ListProcesses();

/// All processes below `root`, without it. Complete for a subreaper: no descendant can leave its tree.
std::vector<pid_t> Descendants(const std::vector<ProcessInfo>& processes, pid_t root);

/// Sends `signal` to everything below `root`; returns how many took it.
int SignalDescendants(pid_t root, int signal);

}  // namespace qalam::workload
