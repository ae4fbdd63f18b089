// The rows behind an observation log, as they are written. Internal to this room.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "db/connection.h"
#include "db/rfc3339.h"

namespace qalam::db {

/// Stands for no time at all: 0001-01-01T00:00:00Z, Go's zero time, which Katib's collectors send for lines without one.
/// Stored: never change.
inline constexpr Timestamp kNoTime{-62'135'596'800, 0};

/// A point to be stored; the texts outlive the call.
struct PointRow {
  Timestamp time;
  std::string_view metric, value;
};

/// Appends to one log within a write; made and destroyed within it. Functions throw SQLite::Exception. Not while
/// another one is alive on the same connection.
class PointWriter {
 public:
  /// Makes the log unless there is one.
  PointWriter(Connection& connection, const std::string& trial_key);

  std::int64_t points() const { return points_; }
  const std::string& last_report() const { return last_report_; }
  void set_last_report(std::string report) { last_report_ = std::move(report); }

  /// False when there is such a point already: same time, metric, value and ordinal.
  bool Insert(const PointRow& point, std::int64_t ordinal);
  /// With the arrival as ordinal, which no other point has.
  void InsertUntimed(const PointRow& point) { Insert(point, arrivals_); }
  /// Makes a point that exists the last among equal times.
  void MoveToEnd(const PointRow& point, std::int64_t ordinal);

  /// Stores what is known about the log; the last call.
  void Finish(absl::Time now);

 private:
  void BindKey(Query& query, const PointRow& point, std::int64_t ordinal) const;

  Connection& connection_;
  Query insert_;
  std::int64_t log_id_ = 0, points_ = 0, arrivals_ = 0;
  std::string last_report_;
};

/// Removes a log with its points, if there is one. Throws.
void DeleteLog(Connection& connection, const std::string& trial_key);

}  // namespace qalam::db
