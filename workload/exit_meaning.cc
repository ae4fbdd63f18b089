#include "workload/exit_meaning.h"

#include <signal.h>

#include <cstring>

#include "fmt/format.h"

namespace qalam::workload {

ExitMeaning MeaningOfExit(int exit_code, int signal) {
  if (signal != 0) return ExitMeaning::kFailed;
  switch (exit_code) {
    case 0:
      return ExitMeaning::kDone;
    case kTryAgainExitCode:
      return ExitMeaning::kTryAgain;
    case kInfeasibleExitCode:
      return ExitMeaning::kInfeasible;
    default:
      return ExitMeaning::kFailed;
  }
}

std::string ExitCodeText(int exit_code) {
  const std::string text = fmt::format("exit code {}", exit_code);
  return exit_code == kInfeasibleExitCode ? text + ": the parameters are infeasible" : text;
}

std::string SignalText(int signal) {
  const char* description = sigdescr_np(signal);
  return fmt::format("killed by signal {} ({})", signal, description == nullptr ? "unknown" : description);
}

std::string_view SignalOrigin(int signal) {
  switch (signal) {
    case SIGSEGV:
    case SIGBUS:
      return "the program crashed: it used memory that is not its own";
    case SIGABRT:
      return "the program gave up: a failed assertion, an uncaught C++ exception or damaged memory";
    case SIGFPE:
      return "the program crashed: an impossible integer operation, such as a division by zero";
    case SIGILL:
      return "the program crashed: an instruction that this processor does not have";
    case SIGSYS:
      return "the program used a system call that is forbidden here";
    case SIGKILL:
      return "sent from outside: by the kernel for want of memory, by a scheduler or a container's limits, "
             "or "
             "by a user";
    case SIGTERM:
    case SIGINT:
    case SIGHUP:
    case SIGQUIT:
    case SIGUSR1:
    case SIGUSR2:
      return "sent from outside: by a scheduler at the end of its time, by a user, or by another program";
    case SIGXCPU:
      return "sent by the kernel: the limit of CPU time (ulimit -t) was reached";
    case SIGXFSZ:
      return "sent by the kernel: the limit of file sizes (ulimit -f) was reached";
    case SIGPIPE:
      return "the program wrote to a pipe that nobody reads any more";
    default:
      return {};
  }
}

}  // namespace qalam::workload
