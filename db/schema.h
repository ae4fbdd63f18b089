// What the database file looks like, version by version. Internal to this room.
#pragma once

#include <cstdint>
#include <span>

#include "base/status.h"

namespace qalam::db {

class Connection;

/// SQLite's application_id of Qalam's files: "Qalm". Stored: never change.
inline constexpr std::int32_t kApplicationId = 0x51616c6d;

/// One step from version `to - 1` to version `to` (SQLite's user_version). Released steps never change; a new
/// version of the schema is a new last line of the table in schema.cc.
struct Migration {
  int to;
  const char* sql;
};

std::span<const Migration> AllMigrations();

/// Brings the file to the last version in `migrations`, each step in a transaction of its own: a process
/// killed in between leaves the file in some older version, from which the next call goes on.
///
/// FAILED_PRECONDITION: the file has a newer version (both are named), or belongs to another program; it is
/// untouched. DATA_LOSS: not a database, or damaged.
absl::Status Migrate(Connection& connection, std::span<const Migration> migrations = AllMigrations());

/// Whether the file is Qalam's at all; any version will do. For read-only use. Codes as Migrate.
absl::Status CheckOwner(Connection& connection);

}  // namespace qalam::db
