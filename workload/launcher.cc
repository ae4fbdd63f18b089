#include "workload/launcher.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <thread>

#include "fmt/format.h"
#include "workload/frame_socket.h"
#include "workload/launcher_process.h"
#include "workload/process_tree.h"

namespace qalam::workload {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kPollInterval =
    std::chrono::milliseconds(5);  // flock and inherited children have no event to wait for

std::atomic<bool> launcher_exists = false;

// A socket that took the place of a closed stdin would be lost when the launcher replaces it.
void OpenStandardDescriptors() {
  int fd;
  while ((fd = open("/dev/null", O_RDWR)) >= 0 && fd <= STDERR_FILENO) continue;
  if (fd >= 0) close(fd);
}

absl::StatusOr<int> TakeLock(const LauncherOptions& options) {
  if (options.lock_file.empty()) return -1;
  const std::filesystem::path path(options.lock_file);
  std::error_code error;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), error);
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) {
    return absl::UnavailableError(fmt::format("cannot open {}: {}", options.lock_file, std::strerror(errno)));
  }
  const Clock::time_point deadline = Clock::now() + absl::ToChronoNanoseconds(options.predecessor_timeout);
  while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    const int lock_error = errno;
    if (lock_error == EINTR) continue;
    if (lock_error == EWOULDBLOCK && Clock::now() < deadline) {
      std::this_thread::sleep_for(kPollInterval);
      continue;
    }
    close(fd);
    if (lock_error != EWOULDBLOCK) {
      return absl::UnavailableError(
          fmt::format("cannot lock {}: {}", options.lock_file, std::strerror(lock_error)));
    }
    return absl::UnavailableError(
        fmt::format("programs started by another qalam are still running after {}; their launcher holds {}",
                    absl::FormatDuration(options.predecessor_timeout), options.lock_file));
  }
  return fd;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Launcher>> Launcher::Start(const LauncherOptions& options) {
  if (launcher_exists.exchange(true))
    return absl::FailedPreconditionError("this process has a launcher already");
  OpenStandardDescriptors();
  absl::StatusOr<int> lock = TakeLock(options);
  if (!lock.ok()) {
    launcher_exists = false;
    return lock.status();
  }
  int sockets[2] = {-1, -1};
  const bool paired = socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) == 0;
  const pid_t pid = paired ? fork() : -1;
  if (pid == 0) RunLauncher(sockets[1], *lock);
  const int error = errno;
  if (*lock >= 0) close(*lock);  // the launcher's copy keeps it locked
  if (sockets[1] >= 0) close(sockets[1]);
  if (pid < 0) {
    if (sockets[0] >= 0) close(sockets[0]);
    launcher_exists = false;
    return absl::UnavailableError(fmt::format("cannot start the launcher process: {}", std::strerror(error)));
  }
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  return std::unique_ptr<Launcher>(new Launcher(sockets[0], pid));
}

Launcher::Launcher(int socket, pid_t pid) : socket_(std::make_unique<FrameSocket>(socket)), pid_(pid) {}

Launcher::~Launcher() {
  socket_->Send({MessageType::kShutdown, 0, {}, {}});
  Clock::time_point deadline = Clock::now() + absl::ToChronoNanoseconds(max_grace_ + absl::Seconds(3));
  while (!socket_->ended()) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd watched = socket_->awaited();
    if (left <= 0 || (poll(&watched, 1, static_cast<int>(left)) < 0 && errno != EINTR)) break;
    socket_->Flush();
    socket_->Receive();
  }
  socket_.reset();
  // Usually the launcher is gone by now and this is one look.
  deadline = Clock::now() + std::chrono::seconds(4);
  while (!ReapInherited(/*kill=*/Clock::now() > deadline - std::chrono::seconds(1)) &&
         Clock::now() < deadline) {
    std::this_thread::sleep_for(kPollInterval);
  }
  launcher_exists = false;
}

bool Launcher::ReapInherited(bool kill) {
  const pid_t self = getpid(), session = getsid(0);
  bool none_left = true;
  const std::vector<ProcessInfo> processes = ListProcesses();
  for (const ProcessInfo& process : processes) {
    const bool inherited = process.session != session || process.pid == pid_;
    if (process.parent != self || !inherited) continue;
    if (waitpid(process.pid, nullptr, WNOHANG) == process.pid) {
      none_left = false;  // its children, if any, are ours only now
      continue;
    }
    none_left = false;
    // Shims are in the launcher's session, and are about to end what they started. Others have lost their
    // shim.
    const bool supervises = process.session == pid_ || process.pid == pid_;
    if (supervises && !kill) continue;
    for (const pid_t pid : Descendants(processes, process.pid)) ::kill(pid, SIGKILL);
    ::kill(process.pid, SIGKILL);
  }
  return none_left;
}

}  // namespace qalam::workload
