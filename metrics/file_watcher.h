// Tells when files may have changed.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/asio_event_loop.h"

namespace qalam::metrics {

struct FileWatcherOptions {
  bool use_inotify = true;
  absl::Duration poll_interval = absl::Milliseconds(100);     // where inotify does not reach
  absl::Duration quiet_time = absl::Milliseconds(50);         // between two reads of inotify events
  absl::Duration prompt_quiet_time = absl::Milliseconds(10);  // likewise while a file is watched promptly
};

/// One inotify instance for all files. The directory of a file is watched, not the file, so that one that
/// appears late, is renamed or replaced is seen as well; many files of one directory cost one watch. Events
/// are read at most once every quiet_time, so a program that writes checkpoints beside its log does not keep
/// the loop busy.
///
/// A file is polled instead when inotify is not available or its limits are reached, while the directory does
/// not exist, when the file is a symbolic link, and on file systems that other machines write to (NFS and the
/// like).
///
/// Threads: the loop's.
class FileWatcher {
 public:
  using WatchId = std::uint64_t;  // never 0

  explicit FileWatcher(AsioEventLoop& loop, const FileWatcherOptions& options = {});
  ~FileWatcher();

  /// Calls `on_change`, from the loop, whenever the file at `path` may have been created, written, truncated,
  /// replaced or removed, and sometimes when it was not. Never fails: at worst the file is polled.
  /// `prompt`: within prompt_quiet_time of the change, where inotify reaches.
  WatchId Watch(const std::string& path, std::function<void()> on_change, bool prompt = false);

  /// Likewise whenever anything directly in the directory may have changed.
  WatchId WatchDirectory(const std::string& directory, std::function<void()> on_change, bool prompt = false);

  /// `on_change` is not called again. Unknown ids are ignored.
  void Unwatch(WatchId id);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace qalam::metrics
