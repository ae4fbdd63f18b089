// Starting one program. Internal to this room.
#pragma once

#include <sys/types.h>

#include <string>

#include "workload/container_runner.h"

namespace qalam::workload {

struct SpawnResult {
  pid_t pid = -1;       // -1: not started
  int code = 126;       // then as a shell would exit: 127 when the program was not found, else 126
  std::string message;  // and why, naming the program, directory or file
};

/// Starts `run` as the leader of its own session, with default signals, no descriptors but 0, 1 and 2, and
/// dying with the calling thread. `cgroup_procs` (empty: none) is the file through which it enters its
/// cgroup; without one, limits become RLIMIT_DATA (private writable memory of each process by itself) and CPU
/// pinning (limits.cpus rounded up). A program that does not start says why in its output file too.
///
/// Must be called in a process with one thread, all signals blocked. Nothing of the run stays with the caller.
SpawnResult Spawn(const ContainerRun& run, const std::string& cgroup_procs);

}  // namespace qalam::workload
