// Reading a log: its last lines, and what has been appended.
#pragma once

#include <sys/types.h>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"

namespace qalam::server {

/// Where the last `lines` lines of the bytes from `begin` to `end` start; a line that is not complete yet counts. `begin` when there are not
/// as many, or the file cannot be read.
std::int64_t LastLinesOffset(const std::string& path, std::int64_t begin, std::int64_t end,
                             std::int64_t lines);

/// The beginning of the line that the byte at `offset` belongs to.
std::int64_t LineStart(const std::string& path, std::int64_t offset);

/// A place in a file that others append to. A file that is not there has no bytes; one that was replaced or has shrunk is read from its
/// beginning.
class LogReader {
 public:
  LogReader(std::string path, std::int64_t offset) : path_(std::move(path)), offset_(offset) {}

  /// At most `most` bytes from here, and moves behind them; empty at the file's end. UNAVAILABLE: it cannot be read.
  absl::StatusOr<std::string> Read(std::size_t most);

  /// Whether there was nothing more to read at the last Read.
  bool at_end() const { return at_end_; }
  std::int64_t offset() const { return offset_; }

 private:
  std::string path_;
  std::int64_t offset_;
  ino_t inode_ = 0;  // 0: not seen yet
  bool at_end_ = false;
};

}  // namespace qalam::server
