// Runs trials as processes of this machine.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/event_loop.h"
#include "workload/background.h"
#include "workload/container_runner.h"
#include "workload/slots.h"
#include "workload/trial_engine.h"

namespace qalam::workload {

struct ProcessEngineOptions {
  std::string root;            // absolute; trials live in <root>/<namespace>/<experiment>/<trial>/
  std::string base_directory;  // absolute; where programs start, usually where the user typed the command
  std::vector<std::string>
      environment;                // "NAME=value"; what programs inherit, usually qalam's own environment
  std::vector<std::string> gpus;  // as CUDA_VISIBLE_DEVICES takes them; empty: GPUs are left alone
  absl::Duration grace = absl::Seconds(10);  // from TERM to KILL
  /// Runs what may take long; empty: a thread of the engine's own.
  std::function<void(std::function<void()>)> background = {};
  std::string cgroup_root;  // from FindCgroupRoot; empty: limits by rlimit and pinning
  std::string fallback_programs =
      {};  // absolute; directory at the end of PATH of programs that expect an image; empty: none
  std::function<void(const std::string&)> notice;  // told once each what has no effect or another one here
};

/// TrialEngine for batch/v1 Job, TrainJob and qalam.dev/v1 Process; ReadRunPlan (run_plan.h) says which fields count.
///
/// Containers. A trial is its primary container. Init containers run before it, one after another; when one
/// fails the attempt has failed. Other containers, and init containers with restartPolicy Always, run beside
/// it, are ended when it ends, and are not started again should they end earlier. Images are not used.
///
/// A collector (LaunchRequest) is such a container too, but when the others are gone, and not within a second of its
/// start, it gets TERM and the whole grace period to report the rest; only then has the attempt ended. How the collector ends changes no verdict.
///
/// Attempts. After a failure a trial is tried again while its back-off limit allows, after 1 s, 2 s, 4 s ...
/// at most a minute, in the same slot and directory; until the last one has failed it counts as running. Exit
/// code 75 asks for another attempt that the back-off limit does not count, 65 rules one out: exit_meaning.h.
///
/// Final states. kFailed: reason Error ("exit code 3", "killed by signal 9 (Killed)"), DeadlineExceeded,
/// BackoffLimitExceeded when there were retries, TemporaryFailure after too many requests for another attempt,
/// or Infeasible. Reason and message are empty on success. A trial whose
/// supervising process was killed is kAbsent, and may be launched again.
///
/// Files in the trial's directory, which outlive the run and are appended to by a later run of the same name:
///   output.log       stdout and stderr of the primary container, written by the program itself
///   <container>.log  likewise for init containers and sidecars
///   checkpoint/      the program's own: what it needs to go on; kept from attempt to attempt and from run to run
///
/// Where programs run: in workingDir, which is taken relative to `base_directory` unless absolute; without
/// one in `base_directory`, for Jobs too, because scripts are named relative to where the command is typed; for TrainJobs
/// in the trial's directory.
///
/// Environment, later ones winning: `environment`, PYTHONUNBUFFERED=1 (unless set there), QALAM_TRIAL_NAME,
/// KATIB_TRIAL_NAME, QALAM_EXPERIMENT, QALAM_TRIAL_DIR, QALAM_CHECKPOINT_DIR, QALAM_SLOT, QALAM_METRICS_FILE (with a
/// metrics file), QALAM_METRICS_DIR (with a metrics directory), QALAM_METRICS_PORT (with a metrics port),
/// LaunchRequest::environment, CUDA_VISIBLE_DEVICES (with `gpus`: split over parallel_trial_count slots), the container's own variables. A collector
/// also has QALAM_PRIMARY_LOG, the path of output.log, and QALAM_PRIMARY_LOG_OFFSET, the byte where the attempt begins
/// there. Slots count from 0 over all trials of the engine; a trial has the smallest that is free.
/// Programs whose specification names an image also find `fallback_programs` at the end of PATH, and Python packages that
/// they install in the trial's directory: PIP_TARGET (unless given) and the beginning of PYTHONPATH.
///
/// Metrics file (File collector). Parallel trials must not write to one file, so every occurrence of its path
/// in command, args and env values, as a whole path, becomes `<trial directory>/<basename>`; a relative path
/// likewise. TrialOutput::metrics_file and QALAM_METRICS_FILE name that file. It is removed before each
/// attempt, as a new pod would start without it.
///
/// Metrics directory (several files). Likewise, and also where it is the beginning of a path: of /logs,
/// "--dir=/logs/train" becomes "--dir=<trial directory>/logs/train". It is there and empty when an attempt starts.
///
/// Checkpoint. Occurrences of LaunchRequest::checkpoint_path, an absolute path, become the checkpoint directory, as
/// those of a metrics directory do.
///
/// Metrics port. The trial has the smallest port from the Experiment's on that no other trial of the engine has; a
/// word of command or args and an env value that is the Experiment's port, or ends with it after '=' or ':',
/// is changed to it.
///
/// Limits: cpu and memory of resources.limits, through cgroup v2 below `cgroup_root`. Without one, memory
/// bounds the private writable memory of each process (RLIMIT_DATA), and cpu, rounded up, pins the container
/// to as many CPUs.
///
/// Cost: about two forks, an exec and a few small messages per trial; nothing is polled.
class ProcessEngine final : public TrialEngine {
 public:
  ProcessEngine(EventLoop& loop, std::unique_ptr<ContainerRunner> runner, ProcessEngineOptions options);

  /// Ends all trials and waits for them, for the grace period and a few seconds at most. No handler is
  /// called.
  ~ProcessEngine() override;

  /// Besides the interface's errors. INVALID_ARGUMENT: a name that cannot be a directory's.
  /// RESOURCE_EXHAUSTED: the disk is full. UNAVAILABLE: a file cannot be written, the launcher was killed, or
  /// an earlier run of the trial that was removed is still ending.
  absl::Status Launch(const LaunchRequest& request) override;
  void CopyCheckpoint(const TrialRef& trial, const std::string& experiment, const std::string& parent,
                      std::function<void(absl::Status)> done) override;
  absl::Status DeleteCheckpoint(const TrialRef& trial, std::string_view experiment) override;
  RunState Observe(const TrialRef& trial) const override;
  void Stop(const TrialRef& trial) override;
  void Remove(const TrialRef& trial) override;
  /// While the trial is still ending, its files are deleted when it has; that it is going on is
  /// FAILED_PRECONDITION.
  absl::Status DeleteFiles(const TrialRef& trial, std::string_view experiment) override;
  absl::StatusOr<TrialOutput> Output(const TrialRef& trial) const override;
  void SetChangeHandler(ChangeHandler handler) override;

 private:
  class Trial;

  void ContainerEnded(RunId id, const ContainerExit& exit);
  void TrialChanged(Trial& trial);
  void Notice(const std::string& text);

  EventLoop& loop_;
  ProcessEngineOptions options_;
  std::map<std::string, std::string> inherited_;  // options_.environment by name
  SlotAllocator slots_;
  PortAllocator ports_;
  RunId last_run_ = 0;
  std::map<TrialRef, std::unique_ptr<Trial>> trials_;
  std::map<RunId, Trial*> runs_;
  std::vector<std::string> noticed_;
  std::shared_ptr<ChangeHandler> handler_;  // posted tasks hold it weakly: none runs after the engine is gone
  std::unique_ptr<ContainerRunner> runner_;
  Background background_;
};

}  // namespace qalam::workload
