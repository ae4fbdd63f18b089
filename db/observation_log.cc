#include "db/observation_log.h"

#include <fmt/format.h>

#include <limits>
#include <memory>
#include <tuple>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "db/connection.h"
#include "db/point_rows.h"
#include "db/rfc3339.h"

namespace qalam::db {
namespace {

constexpr Timestamp kFirst{std::numeric_limits<std::int64_t>::min(), 0};
constexpr Timestamp kLast{std::numeric_limits<std::int64_t>::max(), 0};

absl::Status NotATime(std::string_view field, std::string_view text) {
  return absl::InvalidArgumentError(
      fmt::format("{}: '{}' is not an RFC 3339 time with an offset, such as 2024-03-04T17:55:08.5Z", field,
                  text.substr(0, 64)));
}

absl::StatusOr<Timestamp> ReadBound(std::string_view field, const std::string& text, Timestamp fallback) {
  if (text.empty()) return fallback;
  if (const std::optional<Timestamp> time = ParseRfc3339(text)) return *time;
  return NotATime(field, text);
}

constexpr std::string_view kSelect =
    "SELECT seconds, nanoseconds, metric, value, arrival FROM points "
    "WHERE log_id = (SELECT id FROM observation_logs WHERE trial_key = ?1) "
    "AND (seconds, nanoseconds) >= (?2, ?3) AND (seconds, nanoseconds) <= (?4, ?5) "
    "AND NOT (arrival <= ?7 AND seconds = ?2 AND nanoseconds = ?3) "
    "AND (?6 = '' OR metric = ?6) ORDER BY seconds, nanoseconds, arrival";

// The table of schema version 1, for files that are only looked at.
constexpr std::string_view kSelectVersion1 =
    "SELECT seconds, nanoseconds, metric, value, id FROM observations WHERE trial_key = ?1 "
    "AND (seconds, nanoseconds) >= (?2, ?3) AND (seconds, nanoseconds) <= (?4, ?5) "
    "AND NOT (id <= ?7 AND seconds = ?2 AND nanoseconds = ?3) "
    "AND (?6 = '' OR metric = ?6) ORDER BY seconds, nanoseconds, id";

constexpr size_t kPageBytes = 8u << 20;

// How far a read has come: what comes after the arrival at that time.
struct Position {
  Timestamp time;
  std::int64_t arrival = -1;
};

struct Stored {
  LogEntry entry;
  Position position;
};

// Goes on until `row` says false or fails.
absl::Status ReadRows(Connection& connection, std::string_view sql, const LogQuery& query,
                      const Position& after, Timestamp end,
                      const std::function<absl::StatusOr<bool>(Stored)>& row) {
  Query select = connection.Prepared(sql);
  select->bindNoCopy(1, query.trial_key);
  select->bind(2, after.time.seconds);
  select->bind(3, after.time.nanoseconds);
  select->bind(4, end.seconds);
  select->bind(5, end.nanoseconds);
  select->bindNoCopy(6, query.metric);
  select->bind(7, after.arrival);
  while (select->executeStep()) {
    const Timestamp time{select->getColumn(0).getInt64(), select->getColumn(1).getInt()};
    QALAM_ASSIGN_OR_RETURN(
        const bool more,
        row({{FormatRfc3339(time), select->getColumn(2).getString(), select->getColumn(3).getString()},
             {time, select->getColumn(4).getInt64()}}));
    if (!more) break;
  }
  return absl::OkStatus();
}

// The next few megabytes; empty at the end.
absl::StatusOr<std::vector<Stored>> ReadPage(Database& database, const LogQuery& query, const Position& after,
                                             Timestamp end) {
  std::vector<Stored> page;
  QALAM_RETURN_IF_ERROR(database.Read([&](Connection& connection) {
    page.clear();
    size_t bytes = 0;
    const bool version1 = connection.HasTable("observations");
    if (!version1 && !connection.HasTable("points")) return absl::OkStatus();
    return ReadRows(connection, version1 ? kSelectVersion1 : kSelect, query, after, end,
                    [&](Stored row) -> absl::StatusOr<bool> {
                      bytes += sizeof(Stored) + row.entry.metric.size() + row.entry.value.size();
                      page.push_back(std::move(row));
                      return bytes < kPageBytes;
                    });
  }));
  return page;
}

// FNV-1a, whose values stay the same for ever; sizes keep ("a", "b") and ("ab", "") apart.
class Digest {
 public:
  void Add(std::string_view text) {
    Add(text.size());
    for (const char c : text) Mix(static_cast<unsigned char>(c));
  }
  void Add(std::uint64_t number) {
    for (int shift = 0; shift < 64; shift += 8) Mix((number >> shift) & 0xff);
  }
  std::string Text() const { return fmt::format("content:{:016x}", state_); }

 private:
  void Mix(std::uint64_t byte) { state_ = (state_ ^ byte) * 0x100000001b3; }
  std::uint64_t state_ = 0xcbf29ce484222325;
};

// Empty when there is nothing to recognise the report by.
std::string IdentityOf(const std::vector<PointRow>& rows, std::string_view report_id) {
  if (!report_id.empty()) return fmt::format("id:{}", report_id);
  if (rows.size() < 2) return {};
  Digest digest;
  digest.Add(rows.size());
  for (const PointRow& row : rows) {
    digest.Add(static_cast<std::uint64_t>(row.time.seconds));
    digest.Add(static_cast<std::uint64_t>(row.time.nanoseconds));
    digest.Add(row.metric);
    digest.Add(row.value);
  }
  return digest.Text();
}

// For each row its place among the equal ones of the report.
std::vector<std::int64_t> Ordinals(const std::vector<PointRow>& rows) {
  using Content = std::tuple<std::int64_t, std::int32_t, std::string_view, std::string_view>;
  absl::flat_hash_map<Content, std::int64_t> seen;
  std::vector<std::int64_t> ordinals;
  ordinals.reserve(rows.size());
  for (const PointRow& row : rows) {
    ordinals.push_back(seen[Content(row.time.seconds, row.time.nanoseconds, row.metric, row.value)]++);
  }
  return ordinals;
}

void InsertReport(PointWriter& writer, const std::vector<PointRow>& rows) {
  std::vector<std::int64_t> ordinals;  // made when the first equal points show up, which is rare
  for (size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].time == kNoTime) {
      writer.InsertUntimed(rows[i]);
      continue;
    }
    if (ordinals.empty()) {
      if (writer.Insert(rows[i], 0)) continue;
      ordinals = Ordinals(rows);
    }
    if (!writer.Insert(rows[i], ordinals[i])) writer.MoveToEnd(rows[i], ordinals[i]);
  }
}

struct Report {
  std::string trial_key;
  std::vector<PointRow> rows;
  std::string identity;
};

absl::StatusOr<Report> MakeReport(std::string trial_key, std::span<const LogEntryView> entries,
                                  std::string_view report_id) {
  Report report{std::move(trial_key), {}, {}};
  report.rows.reserve(entries.size());
  for (size_t i = 0; i < entries.size(); ++i) {
    const LogEntryView& entry = entries[i];
    if (entry.time_stamp.empty()) continue;
    const std::optional<Timestamp> time = ParseRfc3339(entry.time_stamp);
    if (!time) {
      return NotATime(fmt::format("observation_log.metric_logs[{}].time_stamp", i), entry.time_stamp);
    }
    report.rows.push_back({*time, entry.metric, entry.value});
  }
  report.identity = IdentityOf(report.rows, report_id);
  return report;
}

absl::Status StoreReport(Connection& connection, const Report& report, const ObservationLogOptions& options) {
  PointWriter writer(connection, report.trial_key);
  if (!report.identity.empty() && writer.last_report() == report.identity) return absl::OkStatus();
  InsertReport(writer, report.rows);
  if (options.max_points_per_trial > 0 && writer.points() > options.max_points_per_trial) {
    return absl::ResourceExhaustedError(
        fmt::format("trial '{}' would have {} points, {} are allowed: report less often, or raise the limit",
                    report.trial_key.substr(0, 64), writer.points(), options.max_points_per_trial));
  }
  writer.set_last_report(report.identity);
  writer.Finish(options.now());
  return absl::OkStatus();
}

}  // namespace

absl::Status ObservationLog::Append(const std::string& trial_key, std::span<const LogEntry> entries,
                                    std::string_view report_id) {
  std::vector<LogEntryView> views;
  views.reserve(entries.size());
  for (const LogEntry& entry : entries) views.push_back({entry.time_stamp, entry.metric, entry.value});
  QALAM_ASSIGN_OR_RETURN(const Report report, MakeReport(trial_key, views, report_id));
  if (report.rows.empty() && !database_.read_only()) return absl::OkStatus();
  return database_.Write([&](Connection& connection) { return StoreReport(connection, report, options_); });
}

void ObservationLog::Submit(std::string trial_key, std::span<const LogEntryView> entries,
                            std::string_view report_id, std::function<void(absl::Status)> done) {
  absl::StatusOr<Report> report = MakeReport(std::move(trial_key), entries, report_id);
  const bool nothing = report.ok() && report->rows.empty() && !database_.read_only();
  if (!report.ok() || nothing) return done(report.status());
  database_.Submit([this, report = std::make_shared<const Report>(*std::move(report))](
                       Connection& connection) { return StoreReport(connection, *report, options_); },
                   std::move(done));
}

absl::Status ObservationLog::Read(const LogQuery& query,
                                  const std::function<absl::Status(LogEntry)>& row) const {
  QALAM_ASSIGN_OR_RETURN(const Timestamp start, ReadBound("start_time", query.start_time, kFirst));
  QALAM_ASSIGN_OR_RETURN(const Timestamp end, ReadBound("end_time", query.end_time, kLast));
  Position position{start};
  if (!database_.read_only()) {
    return database_.Read([&](Connection& connection) {
      return ReadRows(connection, kSelect, query, position, end, [&](Stored stored) -> absl::StatusOr<bool> {
        QALAM_RETURN_IF_ERROR(row(std::move(stored.entry)));
        return true;
      });
    });
  }
  // Such a read may run again, and rows that were handed out cannot be taken back.
  for (;;) {
    QALAM_ASSIGN_OR_RETURN(std::vector<Stored> page, ReadPage(database_, query, position, end));
    if (page.empty()) return absl::OkStatus();
    position = page.back().position;
    for (Stored& stored : page) QALAM_RETURN_IF_ERROR(row(std::move(stored.entry)));
  }
}

absl::Status ObservationLog::Delete(const std::string& trial_key) {
  return database_.Write([&](Connection& connection) {
    DeleteLog(connection, trial_key);
    return absl::OkStatus();
  });
}

}  // namespace qalam::db
