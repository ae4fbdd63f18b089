#include "db/retention.h"

#include <vector>

#include "db/connection.h"
#include "db/point_rows.h"

namespace qalam::db {
namespace {

constexpr int kLogsAtATime = 500;

struct OldLog {
  std::int64_t id;
  std::string trial_key;
};

absl::StatusOr<std::vector<OldLog>> OldLogs(Database& database, std::int64_t changed_before,
                                            std::int64_t after_id) {
  std::vector<OldLog> logs;
  QALAM_RETURN_IF_ERROR(database.Read([&](Connection& connection) {
    Query select = connection.Prepared(
        "SELECT id, trial_key FROM observation_logs WHERE id > ? AND changed < ? ORDER BY id LIMIT ?");
    select->bind(1, after_id);
    select->bind(2, changed_before);
    select->bind(3, kLogsAtATime);
    while (select->executeStep())
      logs.push_back({select->getColumn(0).getInt64(), select->getColumn(1).getString()});
    return absl::OkStatus();
  }));
  return logs;
}

// Looks once more whether the log is old: a report may have come meanwhile.
absl::StatusOr<bool> DeleteIfOld(Database& database, const OldLog& log, std::int64_t changed_before) {
  bool deleted = false;
  QALAM_RETURN_IF_ERROR(database.Write([&](Connection& connection) {
    Query old =
        connection.Prepared("SELECT 1 FROM observation_logs WHERE id = ? AND trial_key = ? AND changed < ?");
    old->bind(1, log.id);
    old->bindNoCopy(2, log.trial_key);
    old->bind(3, changed_before);
    deleted = old->executeStep();
    if (deleted) DeleteLog(connection, log.trial_key);
    return absl::OkStatus();
  }));
  return deleted;
}

}  // namespace

absl::StatusOr<std::int64_t> Retention::Sweep(const std::function<bool()>& stop) {
  const std::int64_t changed_before = absl::ToUnixSeconds(rules_.now() - rules_.keep);
  QALAM_ASSIGN_OR_RETURN(const std::set<std::string> running, rules_.running());
  std::int64_t deleted = 0;
  for (std::int64_t last_id = 0; !stop();) {
    QALAM_ASSIGN_OR_RETURN(const std::vector<OldLog> logs, OldLogs(database_, changed_before, last_id));
    if (logs.empty()) break;
    for (const OldLog& log : logs) {
      if (stop()) break;
      last_id = log.id;
      if (running.count(log.trial_key) > 0) continue;
      QALAM_ASSIGN_OR_RETURN(const bool gone, DeleteIfOld(database_, log, changed_before));
      deleted += gone;
    }
  }
  return deleted;
}

}  // namespace qalam::db
