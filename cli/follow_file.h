// Reads a file as it grows.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "base/status.h"

namespace qalam::cli {

struct FollowOptions {
  /// Whether nothing more will be written; what is in the file by then is still read. Asked before each
  /// reading.
  std::function<bool()> finished;
  int stop_fd = -1;  // leave once this is readable; none when negative
  /// `finished` is asked this often when the file does not change: the end of a trial leaves no mark in its
  /// log.
  absl::Duration poll_interval = absl::Milliseconds(500);
};

/// Passes the file's bytes to `sink` from the beginning, and what is appended as soon as it is (inotify),
/// until `finished` or `stop_fd`. A file that does not exist yet is waited for; one that shrinks is read from
/// its beginning again. UNAVAILABLE: it cannot be read. Threads: blocks the calling one.
absl::Status FollowFile(const std::string& path, const std::function<void(std::string_view)>& sink,
                        const FollowOptions& options);

}  // namespace qalam::cli
