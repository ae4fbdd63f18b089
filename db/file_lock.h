// Keeps a second writing process away.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "base/status.h"

namespace qalam::db {

/// An exclusive lock (flock) on a small file that holds the process id of its owner. The kernel drops it when
/// the process ends, however it ends; the file itself stays. Children that call exec do not inherit it.
class FileLock {
 public:
  /// UNAVAILABLE naming the holder's process id; NOT_FOUND, PERMISSION_DENIED, RESOURCE_EXHAUSTED when the
  /// file cannot be created. `subject` is what messages say is in use.
  static absl::StatusOr<FileLock> Acquire(const std::string& path, const std::string& subject);

  /// The process that holds the lock, 0 if it has not said who it is; nothing when nobody does. Writes nothing.
  static std::optional<pid_t> Holder(const std::string& path);

  FileLock(FileLock&& other) noexcept : descriptor_(other.descriptor_) { other.descriptor_ = -1; }
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace qalam::db
