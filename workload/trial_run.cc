#include "workload/trial_run.h"

#include <algorithm>
#include <cstring>

#include "fmt/format.h"

namespace qalam::workload {
namespace {

std::string DeadlineMessage(absl::Duration deadline) {
  return fmt::format("DeadlineExceeded: ran longer than {} s", absl::ToInt64Seconds(deadline));
}

std::string SignalText(int signal) {
  const char* description = sigdescr_np(signal);
  return fmt::format("killed by signal {} ({})", signal, description == nullptr ? "unknown" : description);
}

// As a shell and Kubernetes count it.
int ExitCode(const ContainerExit& exit) {
  return exit.kind == ContainerExit::Kind::kSignalled ? 128 + exit.code : exit.code;
}

}  // namespace

AttemptVerdict FailureVerdict(const ContainerExit& exit) {
  AttemptVerdict verdict{.success = false, .reason = "Error", .message = {}};
  switch (exit.kind) {
    case ContainerExit::Kind::kExited:
      verdict.message = fmt::format("exit code {}", exit.code);
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
  return verdict;
}

absl::Duration RetryDelay(int attempt) {
  constexpr int kMaxDoublings = 6;
  return std::min(absl::Seconds(60), absl::Seconds(1 << std::clamp(attempt - 1, 0, kMaxDoublings)));
}

TrialRun::TrialRun(EventLoop& loop, Host& host, RunPlan plan)
    : loop_(loop), host_(host), plan_(std::move(plan)) {
  state_.phase = RunPhase::kPending;
}

TrialRun::~TrialRun() {
  CancelTimer(deadline_timer_);
  CancelTimer(attempt_timer_);
  CancelTimer(retry_timer_);
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
  ending_ = Ending::kNone;
  next_init_ = 0;
  host_.AttemptStarts();
  QALAM_RETURN_IF_ERROR(StartNext());
  if (plan_.attempt_deadline != absl::InfiniteDuration()) {
    attempt_timer_ = loop_.PostAfter(plan_.attempt_deadline, [this] {
      attempt_timer_ = 0;
      EndWithVerdict({.success = false,
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
  QALAM_RETURN_IF_ERROR(Start(plan_.primary, Role::kPrimary));
  state_.phase = RunPhase::kRunning;
  state_.reason.clear();
  state_.message.clear();
  host_.StateChanged();
  return absl::OkStatus();
}

absl::Status TrialRun::Start(const ContainerPlan& container, Role role) {
  QALAM_ASSIGN_OR_RETURN(const RunId id, host_.StartContainer(container, role == Role::kPrimary));
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
  const auto& [role, container] = node.mapped();
  const bool success = exit.kind == ContainerExit::Kind::kExited && exit.code == 0;
  if (exit.kind == ContainerExit::Kind::kLost) {
    EndAttempt(Ending::kLost);
  } else if (role == Role::kPrimary) {
    state_.exit_code = ExitCode(exit);
    EndWithVerdict(success ? AttemptVerdict{.success = true, .reason = {}, .message = {}}
                           : FailureVerdict(exit));
  } else if (role == Role::kInit && !success) {
    AttemptVerdict verdict = FailureVerdict(exit);
    verdict.message = fmt::format("init container '{}': {}", container, verdict.message);
    EndWithVerdict(std::move(verdict));
  } else if (role == Role::kInit && ending_ == Ending::kNone) {
    if (!StartNext().ok()) EndAttempt(Ending::kLost);
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
    for (const auto& [id, running] : running_) host_.StopContainer(id);
    return;
  }
  // Something ends it already. Stop and deadline still rule out a further attempt, but change no final
  // verdict.
  const bool undecided = ending_ == Ending::kVerdict && !verdict_.success && state_.attempt <= plan_.retries;
  const bool overrules = (undecided && (ending == Ending::kStop || ending == Ending::kDeadline)) ||
                         (ending_ == Ending::kLost && ending == Ending::kStop);
  if (!overrules) return;
  ending_ = ending;
  CancelTimer(retry_timer_);
}

void TrialRun::Settle() {
  if (ending_ != Ending::kNone && running_.empty() && !ended_ && retry_timer_ == 0) AttemptGone();
}

void TrialRun::AttemptGone() {
  switch (ending_) {
    case Ending::kNone:
      break;
    case Ending::kVerdict:
      if (verdict_.success) {
        Finish(RunPhase::kSucceeded, "", "");
      } else {
        Retry(verdict_);
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

void TrialRun::Retry(const AttemptVerdict& failure) {
  if (plan_.retries == 0) return Finish(RunPhase::kFailed, failure.reason, failure.message);
  const int attempts = plan_.retries < INT32_MAX ? plan_.retries + 1 : plan_.retries;
  const std::string message = fmt::format("{} (attempt {} of {})", failure.message, state_.attempt, attempts);
  if (state_.attempt >= attempts) return Finish(RunPhase::kFailed, "BackoffLimitExceeded", message);
  // A job that waits for its next attempt is still an active job.
  state_.message = message;
  host_.StateChanged();
  retry_timer_ = loop_.PostAfter(RetryDelay(state_.attempt), [this] {
    retry_timer_ = 0;
    if (!StartAttempt().ok()) EndAttempt(Ending::kLost);
    Settle();
  });
}

void TrialRun::Finish(RunPhase phase, std::string reason, std::string message) {
  ended_ = true;
  CancelTimer(deadline_timer_);
  CancelTimer(attempt_timer_);
  state_.phase = phase;
  state_.reason = std::move(reason);
  state_.message = std::move(message);
  state_.finished = loop_.Now();
  host_.StateChanged();
}

void TrialRun::CancelTimer(EventLoop::TimerId& timer) {
  if (timer != 0) loop_.Cancel(timer);
  timer = 0;
}

}  // namespace qalam::workload
