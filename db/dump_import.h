// Takes over what another Katib has stored, from a dump of its database.
#pragma once

#include <cstdint>
#include <string>

#include "base/status.h"
#include "db/database.h"

namespace qalam::db {

struct ImportSummary {
  std::int64_t trials = 0;   // in the dump
  std::int64_t points = 0;   // in the dump
  std::int64_t present = 0;  // those that were stored before
};

/// Stores the rows of the dump at `path` (see SqlDumpReader), which may be compressed with gzip; "-" is the standard input.
/// A row is known by its id in the dump: importing it again, from this dump or a later one of the same database, stores
/// nothing twice. Equal rows with different ids are different points.
///
/// In batches: after an error, what came before it in the dump is stored, and the import can be run again. Memory: some 10 MB
/// and 16 bytes a trial, whatever the size of the dump.
///
/// NOT_FOUND, PERMISSION_DENIED: the file. INVALID_ARGUMENT: the file, the line and what is wrong. DATA_LOSS: damaged
/// compression. Other codes: Database's.
absl::StatusOr<ImportSummary> ImportSqlDump(Database& database, const std::string& path);

}  // namespace qalam::db
