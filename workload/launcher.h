// A small process, forked from qalam before anything else exists, that starts and ends every program for it.
//
// Why: a fork of a grown, multi-threaded program is slow and may only call async-signal-safe functions; and
// when qalam is killed with -9, somebody has to survive it to end what it started.
//
//   qalam ---socket--- launcher ---fork, socket--- shim (one per running program) ---vfork, exec--- program ...
//
// A shim whose run has ended without a trace waits for the next one: the fork of a process with this many
// libraries costs more than the start of a small program.
//
// qalam, launcher and shims are child subreapers, so that whatever a program leaves behind, daemonised or
// not, ends up as a child of the nearest of them that lives. Who dies, and who cleans up:
//   program   its shim: TERM to what is left, KILL after a short grace period
//   shim      the launcher: KILL at once; the run is reported as lost. The kernel kills the program itself
//             (PDEATHSIG). One that was idle is forgotten
//   launcher  each shim: its socket ends; TERM, short grace, KILL, exit; qalam reaps them
//   qalam     the launcher: the socket ends; so do those of the shims, and then the launcher exits
// Only when qalam, launcher and a shim are killed at one instant may processes survive that left their
// program.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "base/status.h"

namespace qalam::workload {

class FrameSocket;

struct LauncherOptions {
  /// Locked (flock) by launcher and shims for as long as one of them lives, so that a new qalam never meets
  /// programs of a killed one. Its directory is created. Empty: no lock.
  std::string lock_file;
  absl::Duration predecessor_timeout = absl::Seconds(15);  // how long Start waits for the lock
};

/// The launcher as qalam sees it. At most one per process at a time.
class Launcher {
 public:
  /// Forks. To be called while the process has one thread: before gRPC, event loops and loggers. Makes this
  /// process a child subreaper. Blocks for at most `predecessor_timeout`. UNAVAILABLE: the lock is still
  /// held, by the programs of another qalam; or the fork failed. FAILED_PRECONDITION: there is one already.
  static absl::StatusOr<std::unique_ptr<Launcher>> Start(const LauncherOptions& options);

  /// Ends everything that runs with its grace period, waits until nothing is left, but no longer than
  /// `max_grace` and a few seconds.
  ~Launcher();
  Launcher(const Launcher&) = delete;
  Launcher& operator=(const Launcher&) = delete;

  FrameSocket& socket() { return *socket_; }
  pid_t pid() const { return pid_; }

  void set_max_grace(absl::Duration grace) { max_grace_ = grace; }

  /// After the socket has ended: reaps the launcher and what this process inherited from it, kills what has
  /// no shim any more, and with `kill` launcher and shims too. True when nothing is left; to be called until
  /// then. What counts as inherited is any child in another session than this process; helpers started
  /// elsewhere in qalam must stay in its session.
  bool ReapInherited(bool kill);

 private:
  Launcher(int socket, pid_t pid);

  std::unique_ptr<FrameSocket> socket_;
  const pid_t pid_;
  absl::Duration max_grace_ = absl::Seconds(10);
};

}  // namespace qalam::workload
