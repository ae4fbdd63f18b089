// Limits for a whole tree of processes through cgroup v2. Internal to this room.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "workload/run_plan.h"

namespace qalam::workload {

/// A directory in which cgroups with cpu and memory limits can be made, or an empty text.
///
/// With `configured` that directory: its cgroup.controllers must list cpu and memory and its
/// cgroup.subtree_control take both. Otherwise this process's own cgroup, if it is delegated: it must be
/// writable and hold no processes but ours
/// (`own_pids`), which move to a child "qalam" because a cgroup with controllers for its children may hold
/// none itself. That is what `systemd-run --user --scope -p Delegate=yes qalam ...` gives. `mounts` and
/// `own_cgroup` are the contents of /proc/self/mounts and /proc/self/cgroup.
std::string FindCgroupRoot(const std::optional<std::string>& configured, std::string_view mounts,
                           std::string_view own_cgroup, const std::vector<int>& own_pids);

/// One cgroup for one run. Created with the limits set: memory.max (and no swap beside it, as on Kubernetes),
/// cpu.max with a period of 100 ms.
class RunCgroup {
 public:
  /// UNAVAILABLE when a file cannot be written; nothing is left then.
  static absl::StatusOr<RunCgroup> Create(std::string_view root, std::string_view name,
                                          const ResourceLimits& limits);
  explicit RunCgroup(std::string directory) : directory_(std::move(directory)) {}

  /// To be written "0" to by the process that shall enter.
  std::string procs_file() const { return directory_ + "/cgroup.procs"; }
  bool OutOfMemory() const;  // whether the kernel ended a process for it
  /// Ends what is left and removes the directory. Ignores errors: what holds it open, holds it.
  void Destroy();

 private:
  std::string directory_;
};

}  // namespace qalam::workload
