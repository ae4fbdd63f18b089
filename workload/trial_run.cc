#include "workload/trial_run.h"

#include <signal.h>

#include <algorithm>
#include <utility>

#include "api/trial_facts.h"
#include "fmt/format.h"

namespace qalam::workload {
namespace {

// For the signal handler that tells a collector of the end: programs may take less time than its interpreter needs.
constexpr absl::Duration kCollectorHeadStart = absl::Seconds(1);

std::string DeadlineMessage(absl::Duration deadline) {
  return fmt::format("DeadlineExceeded: ran longer than {} s", absl::ToInt64Seconds(deadline));
}

// As a shell and Kubernetes count it.
int ExitCode(const ContainerExit& exit) {
  return exit.kind == ContainerExit::Kind::kSignalled ? 128 + exit.code : exit.code;
}

}  // namespace

AttemptVerdict VerdictOf(const ContainerExit& exit) {
  AttemptVerdict verdict{.meaning = ExitMeaning::kFailed, .reason = "Error", .message = {}};
  switch (exit.kind) {
    case ContainerExit::Kind::kExited:
      verdict.meaning = MeaningOfExit(exit.code, 0);
      if (verdict.meaning == ExitMeaning::kDone) return {.meaning = ExitMeaning::kDone};
      verdict.message = ExitCodeText(exit.code);
      break;
    case ContainerExit::Kind::kSignalled:
      verdict.message = SignalText(exit.code);
      break;
    case ContainerExit::Kind::kNotStarted:
    case ContainerExit::Kind::kLost:
      verdict.message = exit.message;
      break;
  }
  if (exit.out_of_memory)
    verdict.message = fmt::format("out of memory: hit its memory limit; {}", verdict.message);
  if (exit.machine_out_of_memory)
    verdict.message += ", while the kernel's out-of-memory killer was at work on this machine";
  return verdict;
}

std::string CollectorEnd(const ContainerExit& exit, bool stopped) {
  const bool killed = exit.kind == ContainerExit::Kind::kSignalled;
  if (stopped && killed && exit.code == SIGTERM) return "";
  if (stopped && killed && exit.code == SIGKILL) return "did not end within the grace period after TERM";
  if (stopped && exit.kind == ContainerExit::Kind::kExited && exit.code == 0) return "";
  std::string text = exit.kind == ContainerExit::Kind::kExited ? fmt::format("exit code {}", exit.code)
                                                               : VerdictOf(exit).message;
  if (!stopped && exit.kind != ContainerExit::Kind::kNotStarted) text += " while the program still ran";
  return text;
}

absl::Duration RetryDelay(int failures) {
  constexpr int kMaxDoublings = 6;
  return std::min(absl::Seconds(60), absl::Seconds(1 << std::clamp(failures - 1, 0, kMaxDoublings)));
}

TrialRun::TrialRun(EventLoop& loop, Host& host, RunPlan plan)
    : loop_(loop), host_(host), plan_(std::move(plan)) {
  state_.phase = RunPhase::kPending;
}

TrialRun::~TrialRun() {
  CancelTimer(deadline_timer_);
  CancelTimer(attempt_timer_);
  CancelTimer(retry_timer_);
  CancelTimer(collector_timer_);
}

absl::Status TrialRun::Begin() {
  state_.started = loop_.Now();
  if (absl::Status status = StartAttempt(); !status.ok()) {
    if (running_.empty()) return status;
    EndAttempt(Ending::kLost);
  }
  if (plan_.deadline != absl::InfiniteDuration()) {
    deadline_timer_ = loop_.PostAfter(plan_.deadline, [this] {
      deadline_timer_ = 0;
      EndAttempt(Ending::kDeadline);
      Settle();
    });
  }
  return absl::OkStatus();
}

absl::Status TrialRun::StartAttempt() {
  ++state_.attempt;
  state_.next_attempt = absl::InfinitePast();
  ending_ = Ending::kNone;
  state_.collector_end.clear();
  next_init_ = 0;
  host_.AttemptStarts();
  QALAM_RETURN_IF_ERROR(StartNext());
  if (plan_.attempt_deadline != absl::InfiniteDuration()) {
    attempt_timer_ = loop_.PostAfter(plan_.attempt_deadline, [this] {
      attempt_timer_ = 0;
      EndWithVerdict({.meaning = ExitMeaning::kFailed,
                      .reason = "DeadlineExceeded",
                      .message = DeadlineMessage(plan_.attempt_deadline)});
      Settle();
    });
  }
  return absl::OkStatus();
}

// The next init container; after the last one everything else.
absl::Status TrialRun::StartNext() {
  while (next_init_ < plan_.init.size()) {
    const InitStep& step = plan_.init[next_init_++];
    QALAM_RETURN_IF_ERROR(Start(step.container, step.sidecar ? Role::kSidecar : Role::kInit));
    if (!step.sidecar) return absl::OkStatus();
  }
  for (const ContainerPlan& sidecar : plan_.sidecars) QALAM_RETURN_IF_ERROR(Start(sidecar, Role::kSidecar));
  if (plan_.collector) {
    QALAM_RETURN_IF_ERROR(Start(*plan_.collector, Role::kCollector));
    collector_started_ = loop_.Now();
  }
  QALAM_RETURN_IF_ERROR(Start(plan_.primary, Role::kPrimary));
  state_.phase = RunPhase::kRunning;
  state_.reason.clear();
  state_.message.clear();
  host_.StateChanged();
  return absl::OkStatus();
}

absl::Status TrialRun::Start(const ContainerPlan& container, Role role) {
  QALAM_ASSIGN_OR_RETURN(const RunId id, host_.StartContainer(container, role));
  running_.emplace(id, Running{role, container.name});
  return absl::OkStatus();
}

void TrialRun::Stop() {
  EndAttempt(Ending::kStop);
  Settle();
}

void TrialRun::ContainerEnded(RunId id, const ContainerExit& exit) {
  const auto node = running_.extract(id);
  if (node.empty()) return;
  const Role role = node.mapped().role;
  const std::string& container = node.mapped().container;
  AttemptVerdict verdict = VerdictOf(exit);
  const bool success = verdict.meaning == ExitMeaning::kDone;
  if (exit.kind == ContainerExit::Kind::kLost) {
    EndAttempt(Ending::kLost);
  } else if (role == Role::kPrimary) {
    state_.exit_code = ExitCode(exit);
    EndWithVerdict(std::move(verdict));
  } else if (role == Role::kInit && !success) {
    verdict.meaning = ExitMeaning::kFailed;  // only the primary container speaks for the parameters
    verdict.message = fmt::format("init container '{}': {}", container, verdict.message);
    EndWithVerdict(std::move(verdict));
  } else if (role == Role::kInit && ending_ == Ending::kNone) {
    if (!StartNext().ok()) EndAttempt(Ending::kLost);
  } else if (role == Role::kCollector) {
    state_.collector_end = CollectorEnd(exit, ending_ != Ending::kNone);
  }
  Settle();
}

void TrialRun::EndWithVerdict(AttemptVerdict verdict) {
  if (ending_ != Ending::kNone) return;  // what ended it first counts
  verdict_ = std::move(verdict);
  EndAttempt(Ending::kVerdict);
}

void TrialRun::EndAttempt(Ending ending) {
  if (ended_) return;
  if (ending_ == Ending::kNone) {
    ending_ = ending;
    CancelTimer(attempt_timer_);
    for (auto& [id, running] : running_) {
      if (running.role != Role::kCollector) host_.StopContainer(id);
    }
    StopLoneCollector();
    return;
  }
  // Something ends it already. Stop and deadline still rule out a further attempt, but change no final
  // verdict.
  const bool undecided = ending_ == Ending::kVerdict && (retry_timer_ != 0 || MayTryAgain());
  const bool overrules = (undecided && (ending == Ending::kStop || ending == Ending::kDeadline)) ||
                         (ending_ == Ending::kLost && ending == Ending::kStop);
  if (!overrules) return;
  ending_ = ending;
  CancelTimer(retry_timer_);
}

// It has the grace period for itself, to report what the others wrote last.
void TrialRun::StopLoneCollector() {
  if (ending_ == Ending::kNone || running_.size() != 1) return;
  auto& [id, running] = *running_.begin();
  if (running.role != Role::kCollector || std::exchange(running.stopping, true)) return;
  const absl::Duration wait =
      std::min(kCollectorHeadStart, collector_started_ + kCollectorHeadStart - loop_.Now());
  if (wait <= absl::ZeroDuration()) return host_.StopContainer(id);
  collector_timer_ = loop_.PostAfter(wait, [this, id = id] {
    collector_timer_ = 0;
    host_.StopContainer(id);
  });
}

void TrialRun::Settle() {
  StopLoneCollector();
  if (ending_ != Ending::kNone && running_.empty() && !ended_ && retry_timer_ == 0) AttemptGone();
}

void TrialRun::AttemptGone() {
  CancelTimer(collector_timer_);
  switch (ending_) {
    case Ending::kNone:
      break;
    case Ending::kVerdict:
      if (verdict_.meaning == ExitMeaning::kDone) {
        Finish(RunPhase::kSucceeded, "", "");
      } else {
        FinishOrTryAgain();
      }
      break;
    case Ending::kStop:
      Finish(RunPhase::kStopped, "", "");
      break;
    case Ending::kDeadline:
      Finish(RunPhase::kFailed, "DeadlineExceeded", DeadlineMessage(plan_.deadline));
      break;
    case Ending::kLost:
      Finish(RunPhase::kAbsent, "", "");
      break;
  }
}

bool TrialRun::MayTryAgain() const {
  switch (verdict_.meaning) {
    case ExitMeaning::kTryAgain:
      return requeues_in_row_ < plan_.requeues;
    case ExitMeaning::kFailed:
      return failures_ < plan_.retries;
    case ExitMeaning::kDone:
    case ExitMeaning::kInfeasible:
      break;
  }
  return false;
}

void TrialRun::FinishOrTryAgain() {
  const bool again = MayTryAgain();
  const std::string& failure = state_.last_failure = verdict_.message;
  int failures = 0;  // of this sort
  std::string reason = verdict_.reason, message = failure;
  switch (verdict_.meaning) {
    case ExitMeaning::kTryAgain:
      reason = api::kReasonTemporaryFailure;
      if (again) {
        ++requeues_;
        failures = ++requeues_in_row_;
        message = fmt::format("{}, tried again ({} of {})", failure, failures, plan_.requeues);
      } else if (plan_.requeues > 0) {
        message = fmt::format("{} (tried again {} times)", failure, plan_.requeues);
      }
      break;
    case ExitMeaning::kInfeasible:
      reason = api::kReasonInfeasible;
      break;
    case ExitMeaning::kFailed:
    case ExitMeaning::kDone:
      requeues_in_row_ = 0;
      if (plan_.retries == 0) break;
      reason = "BackoffLimitExceeded";
      message =
          fmt::format("{} (attempt {} of {})", failure, state_.attempt, 1LL + plan_.retries + requeues_);
      failures = ++failures_;
      break;
  }
  if (!again) return Finish(RunPhase::kFailed, std::move(reason), std::move(message));
  // A job that waits for its next attempt is still an active job.
  const absl::Duration delay = RetryDelay(failures);
  state_.message = std::move(message);
  state_.next_attempt = loop_.Now() + delay;
  retry_timer_ = loop_.PostAfter(delay, [this] {
    retry_timer_ = 0;
    if (!StartAttempt().ok()) EndAttempt(Ending::kLost);
    Settle();
  });
  host_.StateChanged();
}

void TrialRun::Finish(RunPhase phase, std::string reason, std::string message) {
  ended_ = true;
  CancelTimer(deadline_timer_);
  CancelTimer(attempt_timer_);
  state_.phase = phase;
  state_.reason = std::move(reason);
  state_.message = std::move(message);
  state_.next_attempt = absl::InfinitePast();
  state_.finished = loop_.Now();
  host_.StateChanged();
}

void TrialRun::CancelTimer(EventLoop::TimerId& timer) {
  if (timer != 0) loop_.Cancel(timer);
  timer = 0;
}

}  // namespace qalam::workload
