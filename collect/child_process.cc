#include "collect/child_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "collect/file_descriptor.h"

namespace qalam::collect {
namespace {

sigset_t MaskOf(const std::vector<int>& signals) {
  sigset_t mask;
  sigemptyset(&mask);
  for (const int signal : signals) sigaddset(&mask, signal);
  sigaddset(&mask, SIGCHLD);
  return mask;
}

[[noreturn]] void RunChild(const ChildOptions& options, char* const* argv, pid_t parent, int failure_pipe) {
  if (!options.outlive) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(126);  // died before the line above
  }
  setpgid(0, 0);
  if (isatty(STDIN_FILENO) != 0) {
    const int nothing = open("/dev/null", O_RDONLY);
    if (nothing >= 0) dup2(nothing, STDIN_FILENO);
  }
  if (options.output >= 0) dup2(options.output, STDOUT_FILENO);
  if (options.error >= 0) dup2(options.error, STDERR_FILENO);
  UnblockSignals();
  execvp(argv[0], argv);
  const int error = errno;
  [[maybe_unused]] const ssize_t written = write(failure_pipe, &error, sizeof(error));
  _exit(126);
}

}  // namespace

ChildStart StartChild(const ChildOptions& options) {
  std::vector<char*> argv;
  for (const std::string& word : options.argv) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);

  ChildStart start;
  const auto failed = [&](int error) {
    start.pid = -1;
    start.code = error == ENOENT ? 127 : 126;
    start.message = fmt::format("cannot run '{}': {}", options.argv.front(), std::strerror(error));
    return start;
  };
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return failed(errno);
  const FileDescriptor failure_read(ends[0]);
  FileDescriptor failure_write(ends[1]);
  const pid_t parent = getpid();
  start.pid = fork();
  if (start.pid < 0) return failed(errno);
  if (start.pid == 0) RunChild(options, argv.data(), parent, failure_write.get());
  setpgid(start.pid, start.pid);  // whoever of the two comes first: a signal may be passed on right away
  failure_write.Close();
  int error = 0;
  // The pipe closes by itself when the program runs: nothing to read is success.
  if (read(failure_read.get(), &error, sizeof(error)) == sizeof(error)) return failed(error);
  return start;
}

std::vector<int> ForwardedSignals() {
  std::vector<int> signals;
  for (const int signal : {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGTSTP, SIGCONT}) {
    struct sigaction action = {};
    if (sigaction(signal, nullptr, &action) == 0 && action.sa_handler != SIG_IGN) signals.push_back(signal);
  }
  return signals;
}

void BlockSignals() {
  const sigset_t mask = MaskOf(ForwardedSignals());
  sigprocmask(SIG_BLOCK, &mask, nullptr);
}

void UnblockSignals() {
  const sigset_t mask = MaskOf(ForwardedSignals());
  sigprocmask(SIG_UNBLOCK, &mask, nullptr);
}

}  // namespace qalam::collect
