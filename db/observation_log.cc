#include "db/observation_log.h"

#include <fmt/format.h>

#include <limits>
#include <vector>

#include "db/connection.h"
#include "db/rfc3339.h"

namespace qalam::db {
namespace {

constexpr Timestamp kFirst{std::numeric_limits<std::int64_t>::min(), 0};
constexpr Timestamp kLast{std::numeric_limits<std::int64_t>::max(), 0};

absl::StatusOr<Timestamp> ReadTime(std::string_view field, const std::string& text) {
  if (const std::optional<Timestamp> time = ParseRfc3339(text)) return *time;
  return absl::InvalidArgumentError(
      fmt::format("{}: '{}' is not an RFC 3339 time with an offset, such as 2024-03-04T17:55:08.5Z", field,
                  text.substr(0, 64)));
}

absl::StatusOr<Timestamp> ReadBound(std::string_view field, const std::string& text, Timestamp fallback) {
  if (text.empty()) return fallback;
  return ReadTime(field, text);
}

// Row values let the index (trial_key, seconds, nanoseconds) find the range and its rowids give the order of
// arrival.
constexpr std::string_view kSelect =
    "SELECT seconds, nanoseconds, metric, value FROM observations WHERE trial_key = ?1 "
    "AND (seconds, nanoseconds) >= (?2, ?3) AND (seconds, nanoseconds) <= (?4, ?5) "
    "AND (?6 = '' OR metric = ?6) ORDER BY seconds, nanoseconds, id";

absl::Status ReadRows(Connection& connection, const LogQuery& query, Timestamp start, Timestamp end,
                      const std::function<absl::Status(LogEntry)>& row) {
  if (!connection.HasTable("observations")) return absl::OkStatus();
  Query select = connection.Prepared(kSelect);
  select->bindNoCopy(1, query.trial_key);
  select->bind(2, start.seconds);
  select->bind(3, start.nanoseconds);
  select->bind(4, end.seconds);
  select->bind(5, end.nanoseconds);
  select->bindNoCopy(6, query.metric);
  while (select->executeStep()) {
    const Timestamp time{select->getColumn(0).getInt64(), select->getColumn(1).getInt()};
    QALAM_RETURN_IF_ERROR(
        row({FormatRfc3339(time), select->getColumn(2).getString(), select->getColumn(3).getString()}));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ObservationLog::Append(const std::string& trial_key, std::span<const LogEntry> entries) {
  struct Row {
    Timestamp time;
    const LogEntry* entry;
  };
  std::vector<Row> rows;
  rows.reserve(entries.size());
  for (size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].time_stamp.empty()) continue;
    if (const std::optional<Timestamp> time = ParseRfc3339(entries[i].time_stamp)) {
      rows.push_back({*time, &entries[i]});
    } else {
      return ReadTime(fmt::format("observation_log.metric_logs[{}].time_stamp", i), entries[i].time_stamp)
          .status();
    }
  }
  if (rows.empty() && !database_.read_only()) return absl::OkStatus();
  return database_.Write([&](Connection& connection) {
    Query insert = connection.Prepared(
        "INSERT INTO observations (trial_key, seconds, nanoseconds, metric, value) VALUES (?, ?, ?, ?, ?)");
    insert->bindNoCopy(1, trial_key);
    for (const Row& row : rows) {
      insert->bind(2, row.time.seconds);
      insert->bind(3, row.time.nanoseconds);
      insert->bindNoCopy(4, row.entry->metric);
      insert->bindNoCopy(5, row.entry->value);
      insert->exec();
      insert->reset();
    }
    return absl::OkStatus();
  });
}

absl::Status ObservationLog::Read(const LogQuery& query,
                                  const std::function<absl::Status(LogEntry)>& row) const {
  QALAM_ASSIGN_OR_RETURN(const Timestamp start, ReadBound("start_time", query.start_time, kFirst));
  QALAM_ASSIGN_OR_RETURN(const Timestamp end, ReadBound("end_time", query.end_time, kLast));
  if (!database_.read_only()) {
    return database_.Read(
        [&](Connection& connection) { return ReadRows(connection, query, start, end, row); });
  }
  // Such a read may run again, and rows that were handed out cannot be taken back.
  std::vector<LogEntry> rows;
  QALAM_RETURN_IF_ERROR(database_.Read([&](Connection& connection) {
    rows.clear();
    return ReadRows(connection, query, start, end, [&](LogEntry entry) {
      rows.push_back(std::move(entry));
      return absl::OkStatus();
    });
  }));
  for (LogEntry& entry : rows) QALAM_RETURN_IF_ERROR(row(std::move(entry)));
  return absl::OkStatus();
}

absl::Status ObservationLog::Delete(const std::string& trial_key) {
  return database_.Write([&](Connection& connection) {
    Query remove = connection.Prepared("DELETE FROM observations WHERE trial_key = ?");
    remove->bindNoCopy(1, trial_key);
    remove->exec();
    return absl::OkStatus();
  });
}

}  // namespace qalam::db
