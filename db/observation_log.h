// What trials reported, in the order of time: the store behind DBManager.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "absl/time/clock.h"
#include "absl/time/time.h"
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

/// The same where the texts belong to somebody else.
struct LogEntryView {
  std::string_view time_stamp, metric, value;
};

/// Which entries: all conditions hold, empty ones excepted; the key always counts, empty or not.
struct LogQuery {
  std::string trial_key;
  std::string metric;
  std::string start_time, end_time;  // RFC 3339, both inclusive
};

struct ObservationLogOptions {
  std::int64_t max_points_per_trial = 0;  // a report that would exceed it is refused; 0: no limit
  std::function<absl::Time()> now = [] { return absl::Now(); };  // when a report came, for retention
};

/// Threads: all functions may be called concurrently. Codes beside those named: Database's.
class ObservationLog {
 public:
  /// `database` outlives the log.
  explicit ObservationLog(Database& database, ObservationLogOptions options = {})
      : database_(database), options_(std::move(options)) {}

  /// All or nothing, on disk when it returns. A report that is repeated stores nothing twice:
  ///
  /// - An entry with a time is stored once for its trial, time (to the nanosecond), metric and value, and as often as it
  ///   comes within one report. In a later report it takes its place again, the last among entries of its time. So two
  ///   values are one if they were measured at the very same time and are equal.
  /// - Entries without a time (year 1: 0001-01-01T00:00:00Z) have nothing to be told apart by; each is kept, unless the
  ///   whole report repeats the one before it of the same trial. A repeated report is known by `report_id`; without
  ///   one, by having the same entries, at least two: a single value without a time is kept as often as it comes.
  ///
  /// An empty batch is OK. INVALID_ARGUMENT: a time stamp cannot be read (the entry is named). RESOURCE_EXHAUSTED: the
  /// trial would have more points than allowed. Cost: about 2 us per entry, and one commit, shared with others.
  absl::Status Append(const std::string& trial_key, std::span<const LogEntry> entries,
                      std::string_view report_id = {});

  /// Append that returns at once; `done` is called with the result, on any thread or within the call, and must not write
  /// to the database. The texts of the entries must stay until then.
  void Submit(std::string trial_key, std::span<const LogEntryView> entries, std::string_view report_id,
              std::function<void(absl::Status)> done);

  /// Calls `row` for each entry in the order of time, equal times in the order of arrival; times in UTC with
  /// zeros at the end of the fraction removed. Stops early when `row` returns an error, which is passed on.
  /// Entries are read one by one, from one state of the log; of a database that is open read-only some megabytes at a
  /// time, each from one state. `row` must not write to the database. INVALID_ARGUMENT: start_time or end_time cannot be read.
  absl::Status Read(const LogQuery& query, const std::function<absl::Status(LogEntry)>& row) const;

  /// Removes all entries of a key. An unknown one is OK.
  absl::Status Delete(const std::string& trial_key);

 private:
  Database& database_;
  const ObservationLogOptions options_;
};

}  // namespace qalam::db
