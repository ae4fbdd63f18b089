// Runs single programs for the process engine. Behind an interface, so that the life of a trial can be tested
// without processes and clocks.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "base/status.h"
#include "workload/run_plan.h"

namespace qalam::workload {

using RunId = std::uint64_t;  // of one program run, unique within a runner

struct ContainerRun {
  std::vector<std::string> argv;         // program first; looked up in the PATH of `environment`
  std::vector<std::string> environment;  // "NAME=value", complete: nothing is inherited
  std::string working_dir;               // absolute
  std::string output_file;               // stdout and stderr, appended; stdin is /dev/null
  ResourceLimits limits;
  int first_cpu = 0;        // where pinning starts when limits.cpus has no cgroup to go to
  std::string cgroup_root;  // directory for cgroups of limited runs; empty: resource limits of the process
  absl::Duration grace = absl::Seconds(10);  // from TERM to KILL on Stop
  absl::Duration short_grace =
      absl::Seconds(2);  // likewise for what outlives the program, and when qalam dies
};

struct ContainerExit {
  enum class Kind : std::uint8_t {
    kExited,      // `code` is the exit code
    kSignalled,   // `code` is the signal
    kNotStarted,  // `code` is 127 (program not found) or 126; `message` says why
    kLost,        // the supervising process was killed; everything it ran has ended
  };
  Kind kind = Kind::kExited;
  int code = 0;
  bool out_of_memory = false;          // the cgroup's memory limit was hit
  bool machine_out_of_memory = false;  // it was killed while the machine's memory ran out (oom_watch.h)
  std::string message;
  std::int64_t pid = 0;                         // of the program while it ran
  double user_seconds = 0, system_seconds = 0;  // CPU time of the program and the children it waited for
  std::int64_t max_rss_bytes = 0;
};

/// Threads: the event loop's. Destruction ends everything that runs and waits for it, for the grace period at
/// most.
class ContainerRunner {
 public:
  using ExitHandler = std::function<void(RunId, const ContainerExit&)>;

  virtual ~ContainerRunner() = default;

  /// `id` must be new. UNAVAILABLE: nothing can be started any more. Failures of the program itself, a
  /// program that does not exist included, come through the exit handler.
  virtual absl::Status Start(RunId id, const ContainerRun& run) = 0;

  /// TERM to the program and all its descendants, KILL after the grace period. Ignored when it has ended.
  virtual void Stop(RunId id) = 0;

  /// Called once per run, never from within Start or Stop, when the program and every process it left are
  /// gone.
  virtual void SetExitHandler(ExitHandler handler) = 0;
};

}  // namespace qalam::workload
