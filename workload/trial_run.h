// The life of one trial: init containers, primary container and sidecars, attempts, deadlines. Internal to
// this room.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/event_loop.h"
#include "workload/container_runner.h"
#include "workload/exit_meaning.h"
#include "workload/run_plan.h"
#include "workload/trial_engine.h"

namespace qalam::workload {

/// What an attempt came to.
struct AttemptVerdict {
  ExitMeaning meaning = ExitMeaning::kFailed;
  std::string reason, message;  // empty for kDone
};

AttemptVerdict VerdictOf(const ContainerExit& exit);

/// How a collector ended, in words, `stopped` when the others had ended; empty when it then ended as it should.
std::string CollectorEnd(const ContainerExit& exit, bool stopped);

/// Waiting time after this many failures: 1 s, 2 s, 4 s, ... at most a minute.
absl::Duration RetryDelay(int failures);

enum class ContainerRole { kInit, kPrimary, kSidecar, kCollector };

class TrialRun {
 public:
  /// What a run needs from the engine. Neither call may call back into the run.
  class Host {
   public:
    virtual ~Host() = default;
    virtual void AttemptStarts() = 0;
    virtual absl::StatusOr<RunId> StartContainer(const ContainerPlan& container, ContainerRole role) = 0;
    virtual void StopContainer(RunId id) = 0;
    virtual void StateChanged() = 0;
  };

  /// `loop` and `host` must outlive this.
  TrialRun(EventLoop& loop, Host& host, RunPlan plan);
  ~TrialRun();
  TrialRun(const TrialRun&) = delete;
  TrialRun& operator=(const TrialRun&) = delete;

  /// Starts the first attempt; an error of the host's is passed on when nothing was started.
  absl::Status Begin();
  void Stop();
  void ContainerEnded(RunId id, const ContainerExit& exit);

  const RunState& state() const { return state_; }
  /// Whether the run has come to its end: nothing runs, nothing is scheduled. kAbsent then means lost.
  bool ended() const { return ended_; }

 private:
  using Role = ContainerRole;
  enum class Ending { kNone, kVerdict, kStop, kDeadline, kLost };
  struct Running {
    Role role;
    std::string container;
    bool stopping = false;
  };

  absl::Status StartAttempt();
  absl::Status StartNext();
  absl::Status Start(const ContainerPlan& container, Role role);
  void EndWithVerdict(AttemptVerdict verdict);
  void EndAttempt(Ending ending);  // stops what runs; Settle goes on when it is gone
  void StopLoneCollector();
  void Settle();
  void AttemptGone();
  bool MayTryAgain() const;
  void FinishOrTryAgain();
  void Finish(RunPhase phase, std::string reason, std::string message);
  void CancelTimer(EventLoop::TimerId& timer);

  EventLoop& loop_;
  Host& host_;
  const RunPlan plan_;
  RunState state_;
  std::map<RunId, Running> running_;
  size_t next_init_ = 0;
  Ending ending_ = Ending::kNone;  // why this attempt's containers are being ended
  AttemptVerdict verdict_;         // for kVerdict
  int failures_ = 0;               // counted against the back-off limit, the current attempt's not included
  int requeues_ = 0, requeues_in_row_ = 0;  // after kTryAgain: in all, and since the last other failure
  bool ended_ = false;
  EventLoop::TimerId deadline_timer_ = 0, attempt_timer_ = 0, retry_timer_ = 0, collector_timer_ = 0;
  absl::Time collector_started_ = absl::InfinitePast();
};

}  // namespace qalam::workload
