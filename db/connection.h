// One SQLite connection with its prepared statements. Internal to this room: SQLiteCpp shows through here.
#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "base/status.h"

namespace qalam::db {

enum class OpenMode {
  kReadWrite,  // creates the file
  kReadOnly,   // joins the writers' locks; needs -wal and -shm, or the right to create them
  kImmutable,  // reads the file alone, without locks; for a file that nobody writes
};

/// A prepared statement in use. Reset with its bindings when it goes out of scope, so texts may be bound
/// without a copy as long as they outlive it. Its functions throw SQLite::Exception.
class Query {
 public:
  explicit Query(SQLite::Statement& statement) : statement_(statement) {}
  ~Query();
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  SQLite::Statement* operator->() { return &statement_; }

 private:
  SQLite::Statement& statement_;
};

/// Threads: one at a time. What throws is called inside Catch.
class Connection {
 public:
  /// Codes as SqliteStatus. Opening alone reads nothing: a damaged file shows at the first query.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const std::string& path, OpenMode mode,
                                                          std::chrono::milliseconds busy_timeout);

  /// The statement for `sql`, prepared once per connection. Not while a Query of the same text is alive.
  /// Throws.
  Query Prepared(std::string_view sql);

  /// One or several statements without parameters. Throws.
  void Execute(const char* sql) { database_.exec(sql); }

  /// First column of the first row. Throws.
  std::int64_t Integer(const char* sql) { return database_.execAndGet(sql).getInt64(); }

  /// Throws.
  bool HasTable(const char* name) const { return database_.tableExists(name); }

  /// Runs `work`, turning exceptions into a status.
  absl::Status Catch(absl::FunctionRef<absl::Status()> work);

  /// False once SQLite has rolled back by itself, as it may after an error.
  bool in_transaction() const;

  OpenMode mode() const { return mode_; }
  const std::string& path() const { return path_; }
  SQLite::Database& database() { return database_; }

 private:
  Connection(const std::string& path, OpenMode mode, std::chrono::milliseconds busy_timeout);

  std::string path_;
  OpenMode mode_;
  SQLite::Database database_;
  std::map<std::string, SQLite::Statement, std::less<>> statements_;
};

}  // namespace qalam::db
