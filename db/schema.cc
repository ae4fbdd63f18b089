#include "db/schema.h"

#include <fmt/format.h>

#include "db/connection.h"

namespace qalam::db {
namespace {

constexpr Migration kMigrations[] = {
    {1, R"sql(
      -- What trials reported. The id keeps the order of arrival among equal times.
      CREATE TABLE observations (
        id          INTEGER PRIMARY KEY,
        trial_key   TEXT NOT NULL,
        seconds     INTEGER NOT NULL,  -- since 1970-01-01T00:00:00Z, negative before
        nanoseconds INTEGER NOT NULL,  -- 0 .. 999999999
        metric      TEXT NOT NULL,
        value       TEXT NOT NULL
      ) STRICT;
      CREATE INDEX observations_by_trial ON observations (trial_key, seconds, nanoseconds);

      -- The resource store; kind as in api::Kind. The column resource_version counts, not the one in the JSON text.
      CREATE TABLE resources (
        id               INTEGER PRIMARY KEY,
        kind             INTEGER NOT NULL,
        namespace        TEXT NOT NULL,
        name             TEXT NOT NULL,
        uid              TEXT NOT NULL,
        resource_version INTEGER NOT NULL,
        json             TEXT NOT NULL,  -- empty: in parts
        UNIQUE (kind, namespace, name)
      ) STRICT;

      -- A long text cut into pieces of a page, so that a change writes the pages it touches and not all of them.
      CREATE TABLE resource_parts (
        resource_id INTEGER NOT NULL REFERENCES resources (id) ON DELETE CASCADE,
        part        INTEGER NOT NULL,  -- from 0
        json        TEXT NOT NULL,
        UNIQUE (resource_id, part)
      ) STRICT;

      -- resource_version: the version of the last deletion, which left no row of its own.
      CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    )sql"},
    {2, R"sql(
      -- One row for each trial that reported.
      CREATE TABLE observation_logs (
        id          INTEGER PRIMARY KEY,
        trial_key   TEXT NOT NULL UNIQUE,
        points      INTEGER NOT NULL,  -- how many there are
        arrivals    INTEGER NOT NULL,  -- the next point's number in the order of arrival
        last_report TEXT NOT NULL,     -- what the last report is recognised by; empty: nothing
        changed     INTEGER NOT NULL   -- when points came last, in seconds since 1970 by this machine's clock
      ) STRICT;

      -- What trials reported. The ordinal tells equal points apart: their place among the equal ones of one report, from 0;
      -- for points without a time (year 1) the arrival; for points imported from elsewhere minus their id there.
      CREATE TABLE points (
        log_id      INTEGER NOT NULL,
        seconds     INTEGER NOT NULL,  -- since 1970-01-01T00:00:00Z, negative before
        nanoseconds INTEGER NOT NULL,  -- 0 .. 999999999
        ordinal     INTEGER NOT NULL,
        metric      TEXT NOT NULL,
        value       TEXT NOT NULL,
        arrival     INTEGER NOT NULL,  -- the order among equal times
        PRIMARY KEY (log_id, seconds, nanoseconds, ordinal, metric, value)
      ) STRICT, WITHOUT ROWID;

      INSERT INTO observation_logs (trial_key, points, arrivals, last_report, changed)
        SELECT trial_key, count(*), max(id) + 1, '', unixepoch() FROM observations GROUP BY trial_key;
      INSERT OR IGNORE INTO points (log_id, seconds, nanoseconds, ordinal, metric, value, arrival)
        SELECT l.id, seconds, nanoseconds, iif(seconds = -62135596800 AND nanoseconds = 0, o.id, 0), metric, value, o.id
        FROM observations AS o JOIN observation_logs AS l USING (trial_key);
      -- Those that were left out are equal to another one.
      INSERT INTO points (log_id, seconds, nanoseconds, ordinal, metric, value, arrival)
        SELECT l.id, o.seconds, o.nanoseconds, -o.id, o.metric, o.value, o.id
        FROM observations AS o JOIN observation_logs AS l USING (trial_key)
        JOIN points AS p ON p.log_id = l.id AND p.seconds = o.seconds AND p.nanoseconds = o.nanoseconds
          AND p.ordinal = 0 AND p.metric = o.metric AND p.value = o.value
        WHERE p.arrival <> o.id AND NOT (o.seconds = -62135596800 AND o.nanoseconds = 0);
      DROP TABLE observations;
    )sql"},
    {3, R"sql(
      -- The version in which it came; 0 for those that were there before this was kept.
      ALTER TABLE resources ADD COLUMN created_version INTEGER NOT NULL DEFAULT 0;

      -- What was deleted last, for watches that go on after a restart.
      CREATE TABLE deletions (
        version         INTEGER PRIMARY KEY,  -- of the deletion
        kind            INTEGER NOT NULL,
        namespace       TEXT NOT NULL,
        name            TEXT NOT NULL,
        created_version INTEGER NOT NULL,
        json            TEXT NOT NULL  -- the last state
      ) STRICT;

      -- past_begin: every deletion after this version has its row.
      INSERT INTO counters (name, value) VALUES ('past_begin', max(1,
        ifnull((SELECT max(resource_version) FROM resources), 0),
        ifnull((SELECT value FROM counters WHERE name = 'resource_version'), 0)));
    )sql"},
};

absl::Status NewerVersion(const Connection& connection, std::int64_t version, int known) {
  return absl::FailedPreconditionError(fmt::format(
      "database {} has schema version {}, written by a newer qalam; this one knows version {}: use the "
      "newer qalam, or open it read-only",
      connection.path(), version, known));
}

// A file without an application id is ours to take only as long as nothing is in it.
absl::Status CheckApplicationId(Connection& connection) {
  const std::int64_t id = connection.Integer("PRAGMA application_id");
  if (id == kApplicationId) return absl::OkStatus();
  if (id == 0 && connection.Integer("SELECT count(*) FROM sqlite_schema") == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(fmt::format(
      "{} is an SQLite database of another program (application id {:#x}, Qalam's is {:#x}); name another "
      "file",
      connection.path(), id, kApplicationId));
}

absl::Status RunStep(Connection& connection, const Migration& step) {
  connection.Execute("BEGIN IMMEDIATE");
  const absl::Status status = connection.Catch([&] {
    connection.Execute(step.sql);
    connection.Execute(fmt::format("PRAGMA application_id = {}", kApplicationId).c_str());
    connection.Execute(fmt::format("PRAGMA user_version = {}", step.to).c_str());
    connection.Execute("COMMIT");
    return absl::OkStatus();
  });
  if (!status.ok() && connection.in_transaction()) connection.Execute("ROLLBACK");
  return status;
}

}  // namespace

std::span<const Migration> AllMigrations() { return kMigrations; }

absl::Status CheckOwner(Connection& connection) {
  return connection.Catch([&] { return CheckApplicationId(connection); });
}

absl::Status Migrate(Connection& connection, std::span<const Migration> migrations) {
  return connection.Catch([&]() -> absl::Status {
    QALAM_RETURN_IF_ERROR(CheckApplicationId(connection));
    const std::int64_t version = connection.Integer("PRAGMA user_version");
    const int known = migrations.back().to;
    if (version > known) return NewerVersion(connection, version, known);
    for (const Migration& step : migrations) {
      if (step.to > version) QALAM_RETURN_IF_ERROR(RunStep(connection, step));
    }
    return absl::OkStatus();
  });
}

}  // namespace qalam::db
