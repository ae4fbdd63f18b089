#include "workload/shim.h"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>

#include "fmt/format.h"
#include "workload/cgroup.h"
#include "workload/frame_socket.h"
#include "workload/oom_watch.h"
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

// One run, from its start until nothing of it is left.
class Supervision {
 public:
  Supervision(RunId id, const ContainerRun& run, FrameSocket& socket, int child_signals, pid_t launcher)
      : id_(id), run_(run), socket_(socket), child_signals_(child_signals), launcher_(launcher) {}

  ContainerExit Complete() {
    std::optional<RunCgroup> cgroup = MakeCgroup();
    const SpawnResult spawned = Spawn(run_, cgroup ? cgroup->procs_file() : "");
    program_ = spawned.pid;
    exit_.pid = spawned.pid;
    if (spawned.pid < 0) {
      exit_.kind = ContainerExit::Kind::kNotStarted;
      exit_.code = spawned.code;
      exit_.message = spawned.message;
      program_ended_ = true;
    }
    while (!ReapAll()) {
      while (const std::optional<Message> message = socket_.Next()) {
        if (message->type == MessageType::kStop && message->id == id_) BeginStop(run_.grace);
      }
      if (program_ended_ || socket_.ended()) BeginStop(run_.short_grace);
      AwaitEvent();
    }
    if (cgroup) {
      exit_.out_of_memory = cgroup->OutOfMemory();
      cgroup->Destroy();
    }
    return exit_;
  }

  bool left_processes() const { return fruitless_kills_ > kMaxFruitlessKills; }

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
      if (pid == 0) return left_processes();
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

  void AwaitEvent() {
    int timeout = -1;
    if (phase_ != Phase::kRunning) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_ - Clock::now()).count();
      timeout = static_cast<int>(std::clamp<std::int64_t>(left, 0, std::numeric_limits<int>::max()));
    }
    pollfd watched[] = {{child_signals_, POLLIN, 0}, socket_.awaited()};
    poll(watched, std::size(watched), timeout);
    signalfd_siginfo info;
    while (read(child_signals_, &info, sizeof(info)) == sizeof(info)) continue;
    if (watched[1].revents != 0) socket_.Receive();
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
  FrameSocket& socket_;
  const int child_signals_;
  const pid_t launcher_;
  pid_t program_ = -1;
  bool program_ended_ = false;
  ContainerExit exit_;
  Phase phase_ = Phase::kRunning;
  Clock::time_point deadline_;  // of the phase, except kRunning
  int fruitless_kills_ = 0;
};

bool WasKilled(const ContainerExit& exit) {
  if (exit.kind == ContainerExit::Kind::kSignalled) return exit.code == SIGKILL;
  return exit.kind == ContainerExit::Kind::kExited && exit.code == 128 + SIGKILL;  // what a shell ran was
}

// Nothing when the launcher is gone or needs this process no more.
std::optional<Message> AwaitStart(FrameSocket& socket) {
  while (!socket.ended()) {
    while (std::optional<Message> message = socket.Next()) {
      if (message->type == MessageType::kStart) return message;  // a stop came too late for its run
    }
    pollfd watched = socket.awaited();
    poll(&watched, 1, -1);
    socket.Receive();
  }
  return std::nullopt;
}

}  // namespace

std::string CgroupName(RunId id, pid_t launcher) { return fmt::format("qalam-{}-{}", launcher, id); }

void RunShim(int socket_fd, int child_signals, pid_t launcher) {
  prctl(PR_SET_NAME, "qalam-shim");
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  FrameSocket socket(socket_fd);
  OomWatch memory;
  bool reusable = true;
  while (reusable) {
    const std::optional<Message> start = AwaitStart(socket);
    if (!start) break;
    Supervision supervision(start->id, start->run, socket, child_signals, launcher);
    memory.Begin(Clock::now());
    ContainerExit exit = supervision.Complete();
    exit.machine_out_of_memory = WasKilled(exit) && !exit.out_of_memory && memory.Rose();
    reusable = !supervision.left_processes();
    if (!reusable) socket.Send({MessageType::kShutdown, 0, {}, {}});
    socket.Send({MessageType::kExit, start->id, {}, exit});
  }
  _exit(0);
}

}  // namespace qalam::workload
