#include "db/sqlite_status.h"

#include <SQLiteCpp/Exception.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace qalam::db {
namespace {

absl::Status CannotOpen(int system_error, std::string_view message, std::string_view path) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  const fs::path file(path);
  const fs::path directory = file.has_parent_path() ? file.parent_path() : fs::path(".");
  if (!fs::is_directory(directory, ignored)) {
    return absl::NotFoundError(
        fmt::format("cannot open database {}: the directory {} does not exist; create it first", path,
                    directory.string()));
  }
  if (fs::is_directory(file, ignored)) {
    return absl::FailedPreconditionError(
        fmt::format("cannot open database {}: it is a directory; name a file", path));
  }
  if (system_error == ENOSPC || system_error == EDQUOT || system_error == EMFILE || system_error == ENFILE) {
    return absl::ResourceExhaustedError(fmt::format("cannot open database {}: {}; free some and try again",
                                                    path, std::strerror(system_error)));
  }
  return absl::PermissionDeniedError(fmt::format(
      "cannot open database {}: {}; the file and its directory must be readable, and writable to run "
      "experiments",
      path, system_error != 0 ? std::strerror(system_error) : std::string(message).c_str()));
}

bool IsOutOfSpace(int system_error) {
  return system_error == ENOSPC || system_error == EDQUOT || system_error == EFBIG;
}

// sqlite3_system_errno has often been overwritten by the roll-back; the file that failed still knows.
int SystemError(sqlite3* handle) {
  if (handle == nullptr) return errno;
  if (const int error = sqlite3_system_errno(handle); error != 0) return error;
  for (const int which : {SQLITE_FCNTL_JOURNAL_POINTER, SQLITE_FCNTL_FILE_POINTER}) {
    sqlite3_file* file = nullptr;
    int error = 0;
    sqlite3_file_control(handle, "main", which, &file);
    if (file == nullptr || file->pMethods == nullptr) continue;
    if (file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &error) == SQLITE_OK && error != 0)
      return error;
  }
  return 0;
}

absl::Status DiskFull(std::string_view path) {
  return absl::ResourceExhaustedError(
      fmt::format("cannot write database {}: the disk or quota is full; free some space and try again "
                  "(nothing stored so far is "
                  "lost)",
                  path));
}

absl::Status ReadOnly(int code, std::string_view path) {
  if (code == SQLITE_READONLY_DBMOVED) {
    return absl::FailedPreconditionError(fmt::format(
        "cannot write database {}: the file was moved or deleted while in use; put it back and start again",
        path));
  }
  return absl::PermissionDeniedError(
      fmt::format("cannot write database {}: the file or its directory is read-only; make both writable or "
                  "use another place",
                  path));
}

}  // namespace

absl::Status SqliteStatus(int code, int system_error, std::string_view message, std::string_view path) {
  switch (code & 0xff) {
    case SQLITE_FULL:
      return DiskFull(path);
    case SQLITE_NOMEM:
      return absl::ResourceExhaustedError(fmt::format("database {}: out of memory", path));
    case SQLITE_READONLY:
      return ReadOnly(code, path);
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return absl::PermissionDeniedError(fmt::format("database {}: {}", path, message));
    case SQLITE_CANTOPEN:
      return CannotOpen(system_error, message, path);
    case SQLITE_NOTADB:
      return absl::DataLossError(
          fmt::format("{} is not a Qalam database (or its beginning is damaged); restore a copy, or move the "
                      "file away to start "
                      "afresh",
                      path));
    case SQLITE_CORRUPT:
      return absl::DataLossError(fmt::format(
          "database {} is damaged ({}); restore a copy, or save what can be read with `sqlite3 {} .recover`",
          path, message, path));
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return absl::UnavailableError(fmt::format("database {} is locked by another process; try again", path));
    case SQLITE_IOERR:
      if (IsOutOfSpace(system_error)) return DiskFull(path);
      if (system_error == EROFS || system_error == EACCES) return ReadOnly(code, path);
      return absl::UnavailableError(fmt::format("database {}: {} ({}, code {}); check the disk and try again",
                                                path, message, std::strerror(system_error), code));
    case SQLITE_TOOBIG:
      return absl::InvalidArgumentError(fmt::format("database {}: a value is larger than 1 GB", path));
    default:
      return absl::InternalError(fmt::format("database {}: {} (code {})", path, message, code));
  }
}

absl::Status CatchSqlite(std::string_view path, sqlite3* handle, absl::FunctionRef<absl::Status()> work) {
  try {
    return work();
  } catch (const SQLite::Exception& error) {
    const int code = error.getExtendedErrorCode() > 0 ? error.getExtendedErrorCode() : error.getErrorCode();
    return SqliteStatus(code, SystemError(handle), error.what(), path);
  } catch (const std::exception& error) {
    return absl::InternalError(fmt::format("database {}: {}", path, error.what()));
  }
}

}  // namespace qalam::db
