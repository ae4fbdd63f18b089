#include "workload/shim.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

#include "fmt/format.h"
#include "workload/cgroup.h"
#include "workload/launcher_protocol.h"
#include "workload/process_tree.h"
#include "workload/spawn.h"

namespace qalam::workload {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kKillInterval = std::chrono::milliseconds(10);
constexpr int kMaxFruitlessKills = 200;  // 2 s with nothing left that we may kill: setuid programs of others

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
}

class Shim {
 public:
  Shim(RunId id, const ContainerRun& run, int report_pipe, pid_t launcher)
      : id_(id), run_(run), report_pipe_(report_pipe), launcher_(launcher) {
    for (const int signal : {SIGCHLD, SIGTERM, SIGUSR1, SIGHUP}) sigaddset(&awaited_, signal);
  }

  void Run() {
    prctl(PR_SET_NAME, "qalam-shim");
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    prctl(PR_SET_PDEATHSIG, SIGHUP);
    const bool orphaned = getppid() != launcher_;
    std::optional<RunCgroup> cgroup = MakeCgroup();
    const SpawnResult spawned = Spawn(run_, cgroup ? cgroup->procs_file() : "");
    program_ = spawned.pid;
    exit_.pid = spawned.pid;
    if (spawned.pid < 0) {
      exit_.kind = ContainerExit::Kind::kNotStarted;
      exit_.code = spawned.code;
      exit_.message = spawned.message;
      program_ended_ = true;
    } else if (orphaned) {
      BeginStop(run_.short_grace);
    }
    while (!ReapAll()) {
      if (program_ended_) BeginStop(run_.short_grace);
      AwaitSignal();
    }
    if (cgroup) {
      exit_.out_of_memory = cgroup->OutOfMemory();
      cgroup->Destroy();
    }
    const std::string frame = EncodeMessage({MessageType::kExit, id_, {}, exit_});
    [[maybe_unused]] const ssize_t written = write(report_pipe_, frame.data(), frame.size());
  }

 private:
  enum class Phase { kRunning, kTerminating, kKilling };

  std::optional<RunCgroup> MakeCgroup() const {
    if (run_.cgroup_root.empty() || run_.limits == ResourceLimits{}) return std::nullopt;
    absl::StatusOr<RunCgroup> cgroup =
        RunCgroup::Create(run_.cgroup_root, CgroupName(id_, launcher_), run_.limits);
    if (!cgroup.ok()) return std::nullopt;
    return *std::move(cgroup);
  }

  // True when no child is left, or none that we can end.
  bool ReapAll() {
    while (true) {
      int status = 0;
      rusage usage{};
      const pid_t pid = wait4(-1, &status, WNOHANG, &usage);
      if (pid < 0) return errno == ECHILD;
      if (pid == 0) return fruitless_kills_ > kMaxFruitlessKills;
      if (pid == program_) RecordEnd(status, usage);
    }
  }

  void RecordEnd(int status, const rusage& usage) {
    program_ended_ = true;
    exit_.kind = WIFSIGNALED(status) ? ContainerExit::Kind::kSignalled : ContainerExit::Kind::kExited;
    exit_.code = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
    exit_.user_seconds = Seconds(usage.ru_utime);
    exit_.system_seconds = Seconds(usage.ru_stime);
    exit_.max_rss_bytes = static_cast<std::int64_t>(usage.ru_maxrss) * 1024;
  }

  void BeginStop(absl::Duration grace) {
    const Clock::time_point deadline = Clock::now() + absl::ToChronoMilliseconds(grace);
    if (phase_ == Phase::kRunning) {
      phase_ = Phase::kTerminating;
      deadline_ = deadline;
      SignalDescendants(getpid(), SIGTERM);
      SignalDescendants(getpid(), SIGCONT);  // a stopped process cannot act on TERM
    } else if (phase_ == Phase::kTerminating) {
      deadline_ = std::min(deadline_, deadline);
    }
  }

  void AwaitSignal() {
    timespec timeout{};
    if (phase_ != Phase::kRunning) {
      const auto left = std::max(Clock::duration::zero(), deadline_ - Clock::now());
      timeout.tv_sec = std::chrono::duration_cast<std::chrono::seconds>(left).count();
      timeout.tv_nsec = std::chrono::nanoseconds(left % std::chrono::seconds(1)).count();
    }
    const int signal = phase_ == Phase::kRunning ? sigwaitinfo(&awaited_, nullptr)
                                                 : sigtimedwait(&awaited_, nullptr, &timeout);
    if (signal == SIGTERM) BeginStop(run_.grace);
    if (signal == SIGUSR1 || signal == SIGHUP) BeginStop(run_.short_grace);
    if (phase_ != Phase::kRunning && Clock::now() >= deadline_) Kill();
  }

  // Again and again: what was forked during one sweep is met by the next.
  void Kill() {
    phase_ = Phase::kKilling;
    deadline_ = Clock::now() + kKillInterval;
    fruitless_kills_ = SignalDescendants(getpid(), SIGKILL) > 0 ? 0 : fruitless_kills_ + 1;
  }

  const RunId id_;
  const ContainerRun& run_;
  const int report_pipe_;
  const pid_t launcher_;
  sigset_t awaited_{};
  pid_t program_ = -1;
  bool program_ended_ = false;
  ContainerExit exit_;
  Phase phase_ = Phase::kRunning;
  Clock::time_point deadline_;  // of the phase, except kRunning
  int fruitless_kills_ = 0;
};

}  // namespace

std::string CgroupName(RunId id, pid_t launcher) { return fmt::format("qalam-{}-{}", launcher, id); }

void RunShim(RunId id, const ContainerRun& run, int report_pipe, pid_t launcher) {
  Shim(id, run, report_pipe, launcher).Run();
  _exit(0);
}

}  // namespace qalam::workload
