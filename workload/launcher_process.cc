#include "workload/launcher_process.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fmt/format.h"
#include "workload/cgroup.h"
#include "workload/frame_socket.h"
#include "workload/process_tree.h"
#include "workload/shim.h"

namespace qalam::workload {
namespace {

constexpr int kOrphanPollMilliseconds = 10;

void CloseAllBut(const std::vector<int>& kept) {
  std::vector<int> open;
  DIR* directory = opendir("/proc/self/fd");
  if (directory == nullptr) return;
  while (const dirent* entry = readdir(directory)) {
    const int fd = std::atoi(entry->d_name);
    if (fd > STDERR_FILENO && fd != dirfd(directory)) open.push_back(fd);
  }
  closedir(directory);
  for (const int fd : open) {
    if (std::find(kept.begin(), kept.end(), fd) == kept.end()) close(fd);
  }
}

class LauncherProcess {
 public:
  LauncherProcess(int control, int lock) : control_(control), lock_(lock), self_(getpid()) {
    prctl(PR_SET_NAME, "qalam-launcher");
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    setsid();
    CloseAllBut({control, lock});
    // stderr stays for what a sanitizer or the C library has to say.
    const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    close(null);
    // Programs start with default dispositions, and Ctrl-C is for qalam to act on. The C library's signal() leaves
    // its own two signals as whoever started qalam left them; the system call resets them too.
    constexpr std::array<char, 64> kDefaultAction = {};  // the kernel's struct sigaction: SIG_DFL, no flags
    for (int signal = 1; signal < NSIG; ++signal) {
      syscall(SYS_rt_sigaction, signal, kDefaultAction.data(), nullptr, 8);
    }
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, nullptr);
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    signals_ = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signals_ < 0) _exit(1);
  }

  void Run() {
    std::vector<pollfd> watched;
    while (true) {
      if (closing_ && shims_.empty() && lost_.empty() && NoChildren() && !control_.unsent()) return;
      watched = {{signals_, POLLIN, 0}, control_.awaited()};
      for (const Shim& shim : shims_) watched.push_back(shim.socket.awaited());
      const bool sweeping = !lost_.empty() || (closing_ && shims_.empty());
      if (poll(watched.data(), watched.size(), sweeping ? kOrphanPollMilliseconds : -1) < 0 && errno != EINTR)
        return;
      auto events = watched.cbegin() + 2;
      for (Shim& shim : shims_) {
        if ((events++)->revents != 0) Hear(shim);
      }
      if (watched[0].revents != 0) ReapChildren();
      if (watched[1].revents != 0) ReadControl();
      if (sweeping) SweepOrphans();
    }
  }

 private:
  struct Shim {
    Shim(pid_t process, int fd) : pid(process), socket(fd) {}

    const pid_t pid;
    FrameSocket socket;
    std::optional<RunId> run;  // none: idle
    std::string cgroup;        // directory of the run; empty: none
    bool retired = false;      // takes no other run
  };

  void ReadControl() {
    control_.Flush();
    control_.Receive();
    while (const std::optional<Message> message = control_.Next()) Handle(*message);
    if (!control_.ended()) return;
    // Qalam is gone, or its end of the socket is.
    closing_ = true;
    for (Shim& shim : shims_) shim.socket.EndSending();
  }

  void Handle(const Message& message) {
    switch (message.type) {
      case MessageType::kStart:
        if (!closing_) Start(message);
        break;
      case MessageType::kStop:
        for (Shim& shim : shims_) {
          if (shim.run == message.id) Stop(shim);
        }
        break;
      case MessageType::kShutdown:
        closing_ = true;
        for (Shim& shim : shims_) Stop(shim);
        break;
      case MessageType::kExit:
        break;
    }
  }

  static void Stop(Shim& shim) {
    if (shim.run) {
      shim.socket.Send({MessageType::kStop, *shim.run, {}, {}});
    } else {
      shim.socket.EndSending();
    }
  }

  void Start(const Message& message) {
    auto shim = std::find_if(shims_.begin(), shims_.end(), [](const Shim& candidate) {
      return !candidate.run && !candidate.retired && !candidate.socket.ended();
    });
    if (shim == shims_.end() && !ForkShim()) {
      ContainerExit exit;
      exit.kind = ContainerExit::Kind::kNotStarted;
      exit.code = 126;
      exit.message = fmt::format("cannot start a process: {}", std::strerror(errno));
      control_.Send({MessageType::kExit, message.id, {}, exit});
      return;
    }
    if (shim == shims_.end()) --shim;  // the new one
    shim->run = message.id;
    if (!message.run.cgroup_root.empty())
      shim->cgroup = message.run.cgroup_root + "/" + CgroupName(message.id, self_);
    shim->socket.Send(message);
  }

  // Appends an idle shim to `shims_`. False, with errno, when the system has no room for it.
  bool ForkShim() {
    int sockets[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0) return false;
    const pid_t pid = fork();
    if (pid == 0) {
      // A copy of the launcher's end of any socket would keep that socket from ending with the launcher.
      CloseAllBut({sockets[1], signals_, lock_});
      RunShim(sockets[1], signals_, self_);
    }
    const int error = errno;
    close(sockets[1]);
    if (pid > 0) {
      shims_.emplace_back(pid, sockets[0]);
    } else {
      close(sockets[0]);
    }
    errno = error;
    return pid > 0;
  }

  void Hear(Shim& shim) {
    shim.socket.Flush();
    shim.socket.Receive();
    while (const std::optional<Message> message = shim.socket.Next()) {
      if (message->type == MessageType::kShutdown) shim.retired = true;
      if (message->type != MessageType::kExit) continue;
      shim.run.reset();
      shim.cgroup.clear();
      control_.Send(*message);
      if (closing_) shim.socket.EndSending();
    }
  }

  void ReapChildren() {
    signalfd_siginfo info;
    while (read(signals_, &info, sizeof(info)) == sizeof(info)) continue;
    pid_t pid;
    while ((pid = waitpid(-1, nullptr, WNOHANG)) > 0) {
      const auto shim = std::find_if(shims_.begin(), shims_.end(),
                                     [&](const Shim& candidate) { return candidate.pid == pid; });
      if (shim == shims_.end()) continue;  // an orphan that this process inherited
      Hear(*shim);                         // what it sent, it sent before it died
      if (shim->run) lost_.emplace(*shim->run, std::move(shim->cgroup));
      shims_.erase(shim);
    }
    if (!lost_.empty()) SweepOrphans();
  }

  // Children that are no shims were left by a shim that was killed.
  void SweepOrphans() {
    const std::vector<ProcessInfo> processes = ListProcesses();
    bool found = false, reached = false;
    for (const ProcessInfo& process : processes) {
      if (process.parent != self_ || IsShim(process.pid)) continue;
      found = true;
      for (const pid_t pid : Descendants(processes, process.pid)) reached |= kill(pid, SIGKILL) == 0;
      reached |= kill(process.pid, SIGKILL) == 0;
    }
    fruitless_sweeps_ = found && !reached ? fruitless_sweeps_ + 1 : 0;
    if (found && fruitless_sweeps_ < kMaxFruitlessSweeps) return;
    for (const auto& [id, cgroup] : lost_) {
      if (!cgroup.empty()) RunCgroup(cgroup).Destroy();
      ContainerExit exit;
      exit.kind = ContainerExit::Kind::kLost;
      exit.message = "the process that supervised it was killed";
      control_.Send({MessageType::kExit, id, {}, exit});
    }
    lost_.clear();
  }

  bool IsShim(pid_t pid) const {
    return std::any_of(shims_.begin(), shims_.end(), [&](const Shim& shim) { return shim.pid == pid; });
  }

  bool NoChildren() const {
    siginfo_t info;
    if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 && errno == ECHILD) return true;
    return fruitless_sweeps_ >= kMaxFruitlessSweeps;
  }

  static constexpr int kMaxFruitlessSweeps = 200;  // 2 s with nothing but processes that we may not kill

  FrameSocket control_;
  const int lock_;
  const pid_t self_;
  int signals_ = -1;
  std::list<Shim> shims_;
  std::map<RunId, std::string> lost_;  // with their cgroups; reported when everything of theirs is gone
  bool closing_ = false;
  int fruitless_sweeps_ = 0;
};

}  // namespace

void RunLauncher(int control, int lock) {
  LauncherProcess(control, lock).Run();
  _exit(0);
}

}  // namespace qalam::workload
