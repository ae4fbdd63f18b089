#include "db/point_rows.h"

namespace qalam::db {
namespace {

enum : int { kLogId = 1, kSeconds, kNanoseconds, kOrdinal, kMetric, kValue, kArrival };

// SQLiteCpp binds a view without a copy only as bytes; the statements make text of them.
void BindBytes(Query& query, int index, std::string_view text) {
  query->bindNoCopy(index, text.empty() ? "" : text.data(), static_cast<int>(text.size()));
}

}  // namespace

PointWriter::PointWriter(Connection& connection, const std::string& trial_key)
    : connection_(connection),
      insert_(connection.Prepared(
          "INSERT OR IGNORE INTO points (log_id, seconds, nanoseconds, ordinal, metric, value, arrival) "
          "VALUES (?1, ?2, ?3, ?4, CAST(?5 AS TEXT), CAST(?6 AS TEXT), ?7)")) {
  Query find = connection.Prepared(
      "SELECT id, points, arrivals, last_report FROM observation_logs WHERE trial_key = ?");
  find->bindNoCopy(1, trial_key);
  if (find->executeStep()) {
    log_id_ = find->getColumn(0).getInt64();
    points_ = find->getColumn(1).getInt64();
    arrivals_ = find->getColumn(2).getInt64();
    last_report_ = find->getColumn(3).getString();
    return;
  }
  Query make = connection.Prepared(
      "INSERT INTO observation_logs (trial_key, points, arrivals, last_report, changed) VALUES (?, 0, 0, '', "
      "0)");
  make->bindNoCopy(1, trial_key);
  make->exec();
  log_id_ = connection.database().getLastInsertRowid();
}

void PointWriter::BindKey(Query& query, const PointRow& point, std::int64_t ordinal) const {
  query->bind(kLogId, log_id_);
  query->bind(kSeconds, point.time.seconds);
  query->bind(kNanoseconds, point.time.nanoseconds);
  query->bind(kOrdinal, ordinal);
  BindBytes(query, kMetric, point.metric);
  BindBytes(query, kValue, point.value);
}

bool PointWriter::Insert(const PointRow& point, std::int64_t ordinal) {
  BindKey(insert_, point, ordinal);
  insert_->bind(kArrival, arrivals_);
  const bool inserted = insert_->exec() == 1;
  insert_->reset();
  if (!inserted) return false;
  ++arrivals_;
  ++points_;
  return true;
}

void PointWriter::MoveToEnd(const PointRow& point, std::int64_t ordinal) {
  Query update = connection_.Prepared(
      "UPDATE points SET arrival = ?7 WHERE log_id = ?1 AND seconds = ?2 AND nanoseconds = ?3 AND ordinal = "
      "?4 "
      "AND metric = CAST(?5 AS TEXT) AND value = CAST(?6 AS TEXT)");
  BindKey(update, point, ordinal);
  update->bind(kArrival, arrivals_++);
  update->exec();
}

void PointWriter::Finish(absl::Time now) {
  Query update = connection_.Prepared(
      "UPDATE observation_logs SET points = ?, arrivals = ?, last_report = ?, changed = ? WHERE id = ?");
  update->bind(1, points_);
  update->bind(2, arrivals_);
  update->bindNoCopy(3, last_report_);
  update->bind(4, absl::ToUnixSeconds(now));
  update->bind(5, log_id_);
  update->exec();
}

void DeleteLog(Connection& connection, const std::string& trial_key) {
  for (const char* sql :
       {"DELETE FROM points WHERE log_id = (SELECT id FROM observation_logs WHERE trial_key = ?)",
        "DELETE FROM observation_logs WHERE trial_key = ?"}) {
    Query remove = connection.Prepared(sql);
    remove->bindNoCopy(1, trial_key);
    remove->exec();
  }
}

}  // namespace qalam::db
