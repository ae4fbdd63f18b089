// Starting the command.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace qalam::collect {

struct ChildOptions {
  std::vector<std::string> argv;
  int output = -1, error = -1;  // become its descriptors 1 and 2; -1: it inherits ours
  bool outlive = false;         // it goes on when this process is killed
};

struct ChildStart {
  pid_t pid = -1;       // -1: not started
  int code = 126;       // then as a shell would exit: 127 when there is no such program, else 126
  std::string message;  // and why
};

/// Runs a command, looked up in PATH, as the leader of a process group of its own, with this process' environment and
/// the signal mask it had before BlockSignals. A terminal as standard input is replaced by /dev/null: reading
/// from it would stop a program in the background.
///
/// Call it in a process with one thread, which must live as long as the child unless `outlive`.
ChildStart StartChild(const ChildOptions& options);

/// The signals that are passed on to the command: those of HUP, INT, QUIT, TERM, USR1, USR2, TSTP and CONT that were not
/// ignored when this process started (nohup, a shell's background).
std::vector<int> ForwardedSignals();

/// Keeps the forwarded signals and SIGCHLD waiting until UnblockSignals, so that none is missed before there is
/// somebody to handle it.
void BlockSignals();
void UnblockSignals();

}  // namespace qalam::collect
