// Reports on their way to a server that may be away: a queue on disk.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "collect/file_descriptor.h"

namespace qalam::collect {

/// Whose points a spool holds, and where they were to go.
struct SpoolInfo {
  std::string trial, server;
};

/// What goes out as one report. `id` is the same whenever the same batch is given again, also by another process
/// after a crash, and no other batch's.
struct Batch {
  std::string id, bytes;
  std::int64_t points = 0;
};

/// First in, first out, in a directory of its own. What was appended survives the end of the process, however sudden
/// (not a power cut: nothing is synced before Sync). A record that the disk refuses is kept in memory instead, up to
/// kMemoryBytes, and so are those after it until the memory is empty again; so the order never changes.
///
/// Records are opaque bytes that may be concatenated to a batch; a batch has at most kBatchBytes and kBatchPoints, or
/// one record.
///
/// Threads: one at a time. Other processes are kept out by a lock.
class Spool {
 public:
  static constexpr std::int64_t kBatchBytes = std::int64_t{1} << 20;
  static constexpr std::int64_t kBatchPoints = 5'000;
  static constexpr std::int64_t kMemoryBytes = std::int64_t{8} << 20;
  static constexpr std::int64_t kSegmentBytes = std::int64_t{4}
                                                << 20;  // files are removed in pieces of this size

  /// A new directory below `parent`, which is made if need be. `limit_bytes`: how much may wait on disk.
  static absl::StatusOr<std::unique_ptr<Spool>> Create(const std::string& parent, const SpoolInfo& info,
                                                       std::int64_t limit_bytes);

  /// Without a directory: up to kMemoryBytes.
  static std::unique_ptr<Spool> InMemory(const SpoolInfo& info);

  /// What another process has left. NOT_FOUND: no spool; ABORTED: its process still runs; DATA_LOSS: it cannot be
  /// read.
  static absl::StatusOr<std::unique_ptr<Spool>> Open(const std::string& directory);

  ~Spool();

  /// RESOURCE_EXHAUSTED: the limit is reached, or the disk has failed and the memory is full; the record is not kept.
  absl::Status Append(std::string_view record, std::int64_t points);

  /// The oldest batch, the same one until it is acknowledged; nothing when all is done.
  std::optional<Batch> Next();

  /// The batch of the last Next is done with.
  void Acknowledge();

  bool empty() const { return head_ >= tail_ && memory_.empty(); }
  std::int64_t points_in_memory() const;
  const SpoolInfo& info() const { return info_; }
  const std::string& directory() const { return directory_; }  // empty without one

  /// Why records are kept in memory; OK while they are not.
  const absl::Status& disk_fault() const { return disk_fault_; }

  /// Bytes that could not be read back, such as a record that was being written when its process was killed.
  std::int64_t damaged_bytes() const { return damaged_bytes_; }

  /// Everything appended is on the disk itself, as far as it is not in memory.
  void Sync();

  /// Deletes the directory and all that is in it.
  void Remove();

 private:
  struct MemoryRecord {
    std::string bytes;
    std::int64_t points;
  };

  explicit Spool(SpoolInfo info) : info_(std::move(info)) {}
  absl::Status AppendToDisk(std::string_view record, std::int64_t points);
  absl::Status AppendToMemory(std::string_view record, std::int64_t points, const absl::Status& reason);
  absl::Status Roll();
  std::optional<Batch> NextFromDisk();
  std::optional<Batch> NextFromMemory();
  bool ReadFrom(std::int64_t begin, std::int64_t end, std::int64_t start, Batch& batch,
                std::int64_t& read_to);
  void WriteState();
  void DropDoneSegments();
  std::string SegmentPath(std::int64_t start) const;

  SpoolInfo info_;
  std::string id_, directory_;
  std::int64_t limit_bytes_ = 0;
  FileDescriptor state_, writing_;  // the state file, locked; the last segment
  std::map<std::int64_t, std::int64_t>
      segments_;  // where each begins and ends, in bytes since the spool was made
  std::int64_t head_ = 0, batch_end_ = 0, tail_ = 0;  // done up to; given out up to; appended up to
  std::int64_t damaged_bytes_ = 0;
  absl::Status disk_fault_;
  std::deque<MemoryRecord> memory_;
  std::int64_t memory_bytes_ = 0, memory_batches_ = 0;
  std::optional<Batch> given_;
  size_t given_from_memory_ = 0;  // records of `given_` that are in memory_
};

}  // namespace qalam::collect
