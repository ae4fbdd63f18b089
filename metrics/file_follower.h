// Reads one growing file, from an offset on.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/event_loop.h"
#include "base/status.h"
#include "metrics/file_watcher.h"

namespace qalam::metrics {

struct FollowHandlers {
  /// Bytes in file order, valid during the call.
  std::function<void(std::string_view bytes)> on_bytes;
  /// The file was truncated or another one took its place: what follows starts at its first byte.
  std::function<void()> on_restart;
};

/// Reads at most 256 KiB in one task of the loop, so a large file does not hold up others. The file may
/// appear late. It starts again at byte 0 when the file has become shorter than what was read, or when its
/// path names another file (the old one is read to its end first). A file that was truncated and has grown
/// past the old position between two looks cannot be told from one that grew. Only regular files are read.
///
/// Costs nothing until Start or Drain; then one descriptor. Threads: the loop's. Handlers are called from
/// tasks of the loop, never from inside a function here; they may call any function here and destroy the
/// follower.
class FileFollower {
 public:
  /// `loop` outlives the follower.
  FileFollower(EventLoop& loop, std::shared_ptr<FileWatcher> watcher, std::string path, std::int64_t offset,
               FollowHandlers handlers);
  ~FileFollower();

  /// Reads what is there and then whatever comes. `prompt` as in FileWatcher::Watch.
  void Start(bool prompt = false);

  /// No bytes are delivered between Pause and Resume; a Drain waits too.
  void Pause();
  void Resume();

  /// Reads up to the size the file has when the reading begins, then calls `done`, once. OK: everything was
  /// read. NOT_FOUND: there is no file and never was. Others: the error of the system, with the path. When
  /// the system is short of descriptors or memory it tries again every 100 ms. With or without Start; call it
  /// once.
  void Drain(std::function<void(absl::Status)> done);

  /// No handler is called any more.
  void Stop();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace qalam::metrics
