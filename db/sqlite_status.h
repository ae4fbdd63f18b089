// From SQLite's verdicts to absl::Status: which file, what happened, what to do.
#pragma once

#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "base/status.h"

struct sqlite3;

namespace qalam::db {

/// `code` is an (extended) SQLite result code other than OK, ROW and DONE, `system_error` the errno behind it
/// or 0, `message` SQLite's own words. `path` is named in the message.
///
/// RESOURCE_EXHAUSTED  the disk (or a quota, or memory) is full; nothing of the write was kept
/// PERMISSION_DENIED   the file or its directory is read-only
/// NOT_FOUND           the directory does not exist
/// DATA_LOSS           the file is damaged, or not a database
/// UNAVAILABLE         another process holds the file, or the device failed: try again
/// FAILED_PRECONDITION the file was moved away while in use, or has another schema
/// INVALID_ARGUMENT    a value is larger than a database can hold (1 GB)
/// INTERNAL            anything else, a defect of this program
absl::Status SqliteStatus(int code, int system_error, std::string_view message, std::string_view path);

/// Runs `work` and turns exceptions of SQLiteCpp into a status; none leaves this room. `handle` is the
/// connection that `work` uses, or null while there is none.
absl::Status CatchSqlite(std::string_view path, sqlite3* handle, absl::FunctionRef<absl::Status()> work);

}  // namespace qalam::db
