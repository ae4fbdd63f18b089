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
#include <map>
#include <string>
#include <vector>

#include "fmt/format.h"
#include "workload/cgroup.h"
#include "workload/launcher_protocol.h"
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
  LauncherProcess(int control, int lock) : control_(control), self_(getpid()) {
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
    int report[2] = {-1, -1};
    if (pipe2(report, O_CLOEXEC) != 0 || signals_ < 0) _exit(1);
    report_read_ = report[0];
    report_write_ = report[1];
    fcntl(report_read_, F_SETFL, O_NONBLOCK);
  }

  void Run() {
    while (true) {
      if (closing_ && shims_.empty() && lost_.empty() && NoChildren() && outgoing_.empty()) return;
      pollfd watched[] = {{control_, POLLIN, 0}, {signals_, POLLIN, 0}, {report_read_, POLLIN, 0}};
      if (!outgoing_.empty()) watched[0].events |= POLLOUT;
      const bool sweeping = !lost_.empty() || (closing_ && shims_.empty());
      if (poll(watched, std::size(watched), sweeping ? kOrphanPollMilliseconds : -1) < 0 && errno != EINTR)
        return;
      if (watched[2].revents != 0) ReadReports();
      if (watched[1].revents != 0) ReapChildren();
      if (watched[0].revents & POLLOUT) Flush();
      if (watched[0].revents & (POLLIN | POLLHUP | POLLERR)) ReadControl();
      if (sweeping) SweepOrphans();
    }
  }

 private:
  struct Supervised {
    pid_t shim = 0;
    bool reported = false;
    std::string cgroup;  // directory; empty: none
  };

  void ReadControl() {
    char buffer[65536];
    while (control_ >= 0) {
      const ssize_t size = recv(control_, buffer, sizeof(buffer), MSG_DONTWAIT);
      if (size > 0) {
        incoming_.Append({buffer, static_cast<size_t>(size)});
        if (static_cast<size_t>(size) < sizeof(buffer)) break;
        continue;
      }
      if (size < 0 && errno == EINTR) continue;
      if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
      Abandon();
    }
    while (const std::optional<std::string_view> frame = incoming_.Next()) {
      if (const std::optional<Message> message = DecodeMessage(*frame)) Handle(*message);
    }
  }

  void Handle(const Message& message) {
    switch (message.type) {
      case MessageType::kStart:
        if (!closing_) Start(message);
        break;
      case MessageType::kStop:
        Signal(message.id, SIGTERM);
        break;
      case MessageType::kShutdown:
        closing_ = true;
        for (const auto& [id, run] : shims_) Signal(id, SIGTERM);
        break;
      case MessageType::kExit:
        break;
    }
  }

  // Qalam is gone, or its end of the socket is.
  void Abandon() {
    close(control_);
    control_ = -1;  // poll ignores it from now on
    closing_ = true;
    outgoing_.clear();
    for (const auto& [id, run] : shims_) Signal(id, SIGUSR1);
  }

  void Signal(RunId id, int signal) {
    // Not reaped yet, so the number still means this process.
    if (const auto found = shims_.find(id); found != shims_.end()) kill(found->second.shim, signal);
  }

  void Start(const Message& message) {
    const pid_t pid = fork();
    if (pid == 0) {
      close(control_);
      close(signals_);
      close(report_read_);
      RunShim(message.id, message.run, report_write_, self_);
    }
    if (pid < 0) {
      ContainerExit exit;
      exit.kind = ContainerExit::Kind::kNotStarted;
      exit.code = 126;
      exit.message = fmt::format("cannot start a process: {}", std::strerror(errno));
      Send(EncodeMessage({MessageType::kExit, message.id, {}, exit}));
      return;
    }
    Supervised run;
    run.shim = pid;
    if (!message.run.cgroup_root.empty())
      run.cgroup = message.run.cgroup_root + "/" + CgroupName(message.id, self_);
    shims_.emplace(message.id, std::move(run));
  }

  void ReadReports() {
    char buffer[65536];
    ssize_t size;
    while ((size = read(report_read_, buffer, sizeof(buffer))) > 0)
      reports_.Append({buffer, static_cast<size_t>(size)});
    while (const std::optional<std::string_view> frame = reports_.Next()) {
      const std::optional<Message> message = DecodeMessage(*frame);
      if (!message) continue;
      if (const auto found = shims_.find(message->id); found != shims_.end()) found->second.reported = true;
      Send(EncodeMessage(*message));
    }
  }

  void ReapChildren() {
    signalfd_siginfo info;
    while (read(signals_, &info, sizeof(info)) == sizeof(info)) continue;
    std::vector<pid_t> dead;
    pid_t pid;
    while ((pid = waitpid(-1, nullptr, WNOHANG)) > 0) dead.push_back(pid);
    ReadReports();  // what a shim wrote, it wrote before it died
    for (const pid_t ended : dead) {
      const auto found = std::find_if(shims_.begin(), shims_.end(),
                                      [&](const auto& entry) { return entry.second.shim == ended; });
      if (found == shims_.end()) continue;  // an orphan that this process inherited
      if (!found->second.reported) lost_.emplace(found->first, std::move(found->second.cgroup));
      shims_.erase(found);
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
      Send(EncodeMessage({MessageType::kExit, id, {}, exit}));
    }
    lost_.clear();
  }

  bool IsShim(pid_t pid) const {
    return std::any_of(shims_.begin(), shims_.end(),
                       [&](const auto& entry) { return entry.second.shim == pid; });
  }

  bool NoChildren() const {
    siginfo_t info;
    if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 && errno == ECHILD) return true;
    return fruitless_sweeps_ >= kMaxFruitlessSweeps;
  }

  void Send(std::string_view frame) {
    if (control_ < 0) return;
    outgoing_.append(frame);
    Flush();
  }

  void Flush() {
    while (control_ >= 0 && !outgoing_.empty()) {
      const ssize_t size = send(control_, outgoing_.data(), outgoing_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (size < 0 && errno == EINTR) continue;
      if (size < 0) {
        // The end of the stream is seen, and acted on, by reading.
        if (errno != EAGAIN && errno != EWOULDBLOCK) outgoing_.clear();
        return;
      }
      outgoing_.erase(0, static_cast<size_t>(size));
    }
  }

  static constexpr int kMaxFruitlessSweeps = 200;  // 2 s with nothing but processes that we may not kill

  int control_;
  const pid_t self_;
  int signals_ = -1, report_read_ = -1, report_write_ = -1;
  FrameBuffer incoming_, reports_;
  std::string outgoing_;
  std::map<RunId, Supervised> shims_;
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
