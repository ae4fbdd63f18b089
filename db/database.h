// The one file in which Qalam keeps everything: opening, creating, migrating, reading and writing it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/status.h"

namespace qalam::db {

class Connection;
class FileLock;
class ReaderPool;
class Writer;

enum class Durability {
  kProcess,  // synchronous=NORMAL: a committed write survives kill -9 of the process at any instant; the last
             // ones may be lost (never torn) when the machine loses power
  kPowerLoss,  // synchronous=FULL: survives power loss too, for one fsync per commit
};

struct DatabaseOptions {
  Durability durability = Durability::kProcess;
  std::chrono::milliseconds busy_timeout{5'000};  // how long to wait for another process's lock
  std::int64_t max_pages = 0;  // refuse to grow beyond this many pages of 4 KiB; 0: no limit
};

/// An SQLite file in WAL mode. While it is open for writing there are `<path>-wal` and `<path>-shm` beside
/// it, and
/// `<path>.lock`, which keeps a second writing process away and stays. Closing cleanly removes the former
/// two.
///
/// Threads: Read and Write may be called concurrently; neither from inside the other on the same Database.
class Database {
 public:
  using Job = std::function<absl::Status(Connection&)>;

  /// Opens or creates the file and brings its schema up to date.
  ///
  /// NOT_FOUND            its directory does not exist
  /// PERMISSION_DENIED    the file or its directory is read-only
  /// RESOURCE_EXHAUSTED   the disk is full
  /// DATA_LOSS            damaged, or not a database
  /// FAILED_PRECONDITION  written by a newer qalam (both versions are named), or by another program
  /// UNAVAILABLE          another process has it open for writing (its id is named)
  static absl::StatusOr<std::unique_ptr<Database>> Open(const std::string& path,
                                                        const DatabaseOptions& options = {});

  /// For looking only: changes nothing in the file, migrates nothing, takes files of older and newer schemas,
  /// works while another process writes. Beside a cleanly closed file nothing is created; beside one whose
  /// writer is alive or was killed SQLite needs `-shm`. Codes as Open; NOT_FOUND also when there is no such
  /// file.
  static absl::StatusOr<std::unique_ptr<Database>> OpenReadOnly(const std::string& path);

  ~Database();

  /// Writer::Write and Writer::Submit; PERMISSION_DENIED when opened read-only.
  absl::Status Write(const Job& job);
  void Submit(Job job, std::function<void(absl::Status)> done);

  /// Runs queries against one consistent state that holds everything committed before; a few callers at a time.
  /// Opened read-only, the job may run again when the file changed under it, so it starts from scratch each
  /// time.
  absl::Status Read(const Job& job);

  bool read_only() const { return writer_ == nullptr; }
  const std::string& path() const { return path_; }

 private:
  explicit Database(std::string path);
  absl::Status RefuseIfReadOnly() const;
  absl::Status ReadFile(const Job& job);

  const std::string path_;
  std::unique_ptr<FileLock> lock_;
  std::unique_ptr<Writer> writer_;
  std::unique_ptr<ReaderPool> readers_;  // closed before the writer, which then tidies up
};

}  // namespace qalam::db
