// Where trials run. Qalam launches, watches and stops workloads on somebody else's engine; it schedules no
// machines.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "api/experiment.h"
#include "base/status.h"

namespace qalam::workload {

/// Names one trial; `uid` tells two trials of one name apart.
struct TrialRef {
  std::string namespace_name, name, uid;
  auto operator<=>(const TrialRef&) const = default;
};

struct LaunchRequest {
  TrialRef trial;
  std::string experiment;                 // name of the owner
  api::JsonText run_spec;                 // rendered object: Job, Process, ...
  std::string primary_container;          // whose output and exit code count
  std::int32_t parallel_trial_count = 1;  // slots the experiment's resources are split over
  std::string metrics_file;               // path as the Experiment names it (File, Custom); empty otherwise
  std::string metrics_directory;          // likewise, where the collector reads several files
  std::int32_t metrics_port = 0;          // likewise, where it asks the program itself
  std::string checkpoint_path =
      {};                   // path of the checkpoint as the Experiment names it; empty: it has no name
  api::JsonText collector;  // container that runs beside the primary one (Custom); empty: none
  std::vector<std::pair<std::string, std::string>> environment =
      {};                      // variables for every container; its own win
  api::JsonText runtime = {};  // the runtime that a TrainJob names; empty: there is none
  /// What secrets, their values decoded, and config maps hold that variables are taken from; NOT_FOUND: there is none.
  std::function<absl::StatusOr<api::StringMap>(api::Kind kind, const std::string& name)> data = {};
};

enum class RunPhase {
  kAbsent,   // never launched here, or removed, or lost with an earlier process
  kPending,  // accepted, not running yet
  kRunning,
  kSucceeded,  // final
  kFailed,     // final
  kStopped,    // final: ended by Stop before a verdict
};

struct RunState {
  RunPhase phase = RunPhase::kAbsent;
  /// For kFailed: "Error", "DeadlineExceeded", "BackoffLimitExceeded", api::kReasonInfeasible or
  /// api::kReasonTemporaryFailure; "exit code 3".
  std::string reason, message;
  std::optional<int> exit_code;  // of the last attempt's primary container that ended; 128 + signal
  std::string collector_end;     // how the collector ended, unless by order; empty while it runs
  int attempt = 0;               // counts attempts, from 1
  std::string last_failure;      // how the last attempt that failed ended: "exit code 75"; empty: none failed
  absl::Time next_attempt = absl::InfinitePast();  // while the run waits for it
  absl::Time started = absl::InfinitePast(), finished = absl::InfinitePast();
};

/// Where the output of the current attempt is, for engines whose files this machine can read.
struct TrialOutput {
  std::string directory;                  // the trial's working files
  std::string log_file;                   // stdout and stderr of the primary container, in order of writing
  std::int64_t log_offset = 0;            // where the current attempt begins
  std::string metrics_file;               // where the program's own metrics file really is; empty without one
  std::string metrics_directory;          // likewise
  std::int32_t metrics_port = 0;          // where this trial's program listens; 0 without
  std::string collector_log_file;         // stdout and stderr of the collector; empty without one
  std::int64_t collector_log_offset = 0;  // where the current attempt begins there
};

/// Threads: all functions are called on the event loop's thread; none blocks on a trial.
class TrialEngine {
 public:
  using ChangeHandler = std::function<void(const TrialRef&)>;

  virtual ~TrialEngine() = default;

  /// Starts the workload; a trial that is already known is left alone (OK). INVALID_ARGUMENT: the run
  /// specification cannot run here, naming the field; FAILED_PRECONDITION: a secret or config map that its variables are
  /// taken from is not there, by its name; RESOURCE_EXHAUSTED or UNAVAILABLE: not now, try again.
  virtual absl::Status Launch(const LaunchRequest& request) = 0;

  /// Gives the trial a checkpoint directory that begins as a full copy of that of `parent`, a trial of the same
  /// experiment whose program has ended; the first launch of a trial that has none makes an empty one. One that the
  /// trial has is left as it is, so that a trial that is run again goes on where it was. Takes its time beside the loop;
  /// then calls `done` on it, unless the engine is gone.
  ///
  /// NOT_FOUND: the parent has no checkpoint. INVALID_ARGUMENT: it cannot be copied; RESOURCE_EXHAUSTED or UNAVAILABLE:
  /// not now, try again.
  virtual void CopyCheckpoint(const TrialRef& trial, const std::string& experiment, const std::string& parent,
                              std::function<void(absl::Status)> done) = 0;

  /// Deletes the trial's checkpoint directory, or will when the trial's program has ended.
  virtual absl::Status DeleteCheckpoint(const TrialRef& trial, std::string_view experiment) = 0;

  virtual RunState Observe(const TrialRef& trial) const = 0;

  /// Ends the workload with everything it started: TERM, a grace period, KILL. The final phase is kStopped
  /// and comes through the change handler. Unknown and finished trials are ignored.
  virtual void Stop(const TrialRef& trial) = 0;

  /// Stops and forgets the workload, job object included. Logs are kept.
  virtual void Remove(const TrialRef& trial) = 0;

  /// Deletes what the trial left on disk. For trials that are being deleted.
  virtual absl::Status DeleteFiles(const TrialRef& trial, std::string_view experiment) = 0;

  /// NOT_FOUND before the launch.
  virtual absl::StatusOr<TrialOutput> Output(const TrialRef& trial) const = 0;

  /// Called on the event loop after every change of a trial's state.
  virtual void SetChangeHandler(ChangeHandler handler) = 0;
};

}  // namespace qalam::workload
