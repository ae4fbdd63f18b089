// Connections for reading, a few at a time. Internal to this room.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/status.h"

namespace qalam::db {

class Connection;

/// Opens connections as they are needed, so that a long read delays nobody, and keeps them: SQLite prepares
/// the statements of each anew. Beyond `limit` callers wait for their turn. Threads: any.
class ReaderPool {
 public:
  ReaderPool(std::string path, std::chrono::milliseconds busy_timeout, size_t limit);
  ~ReaderPool();

  /// A connection that is the caller's alone until given back. Codes as Connection::Open.
  absl::StatusOr<std::unique_ptr<Connection>> Take();
  void GiveBack(std::unique_ptr<Connection> connection);

 private:
  const std::string path_;
  const std::chrono::milliseconds busy_timeout_;
  const size_t limit_;
  std::mutex mutex_;
  std::condition_variable returned_;
  size_t taken_ = 0;
  std::vector<std::unique_ptr<Connection>> idle_;
};

}  // namespace qalam::db
