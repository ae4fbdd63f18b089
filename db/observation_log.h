// What trials reported, in the order of time: the store behind DBManager.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "base/status.h"
#include "db/database.h"

namespace qalam::db {

/// One reported value. Texts are kept as they came, up to 1 GB.
struct LogEntry {
  std::string time_stamp;  // RFC 3339, any offset, nanoseconds kept; an entry with an empty one is skipped
  std::string metric;
  std::string value;  // "0.93", "nan", "unavailable", anything
  bool operator==(const LogEntry&) const = default;
};

/// Which entries: all conditions hold, empty ones excepted; the key always counts, empty or not.
struct LogQuery {
  std::string trial_key;
  std::string metric;
  std::string start_time, end_time;  // RFC 3339, both inclusive
};

/// Threads: all functions may be called concurrently. Codes beside those named: Database's.
class ObservationLog {
 public:
  /// `database` outlives the log.
  explicit ObservationLog(Database& database) : database_(database) {}

  /// All or nothing, on disk when it returns; equal entries are kept as often as they come. An empty batch is
  /// OK. INVALID_ARGUMENT: a time stamp cannot be read (the entry is named). Cost: about 3 us per entry, and
  /// one commit.
  absl::Status Append(const std::string& trial_key, std::span<const LogEntry> entries);

  /// Calls `row` for each entry in the order of time, equal times in the order of arrival; times in UTC with
  /// zeros at the end of the fraction removed. Stops early when `row` returns an error, which is passed on.
  /// Entries are read one by one, never all in memory (but when the database is open read-only). `row` must
  /// not call this log. INVALID_ARGUMENT: start_time or end_time cannot be read.
  absl::Status Read(const LogQuery& query, const std::function<absl::Status(LogEntry)>& row) const;

  /// Removes all entries of a key. An unknown one is OK.
  absl::Status Delete(const std::string& trial_key);

 private:
  Database& database_;
};

}  // namespace qalam::db
