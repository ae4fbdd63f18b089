// Forgets observations that nobody has added to for long.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>

#include "absl/time/time.h"
#include "base/status.h"
#include "db/database.h"

namespace qalam::db {

struct RetentionRules {
  absl::Duration keep;  // after the last report, by this machine's clock; > 0
  std::function<absl::Time()> now;
  /// The keys of trials that go on; their logs are kept, however long ago the last report was. Asked at each sweep.
  std::function<absl::StatusOr<std::set<std::string>>()> running;
};

/// The age of a log counts from the last report that brought a point, not from the points' own times: those of many programs
/// have none. Threads: one at a time; reports may come meanwhile.
class Retention {
 public:
  /// `database` outlives it.
  Retention(Database& database, RetentionRules rules) : database_(database), rules_(std::move(rules)) {}

  /// Deletes the logs whose time has come, each with all of its points in a write of its own, so that reports
  /// in between wait for one at most. Ends early, without an error, once `stop` is true. The number of logs that were
  /// deleted. Codes: Database's, and those of `running`.
  absl::StatusOr<std::int64_t> Sweep(const std::function<bool()>& stop = [] { return false; });

 private:
  Database& database_;
  const RetentionRules rules_;
};

}  // namespace qalam::db
