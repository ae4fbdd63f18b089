#include "db/connection.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <tuple>

#include "db/sqlite_status.h"

namespace qalam::db {
namespace {

// A URI keeps nothing of a path but what it cannot misread.
std::string ImmutableUri(std::string_view path) {
  std::string uri = "file:";
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '/' || c == '.' || c == '-' || c == '_';
    if (plain) {
      uri += c;
    } else {
      uri += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return uri + "?immutable=1";
}

int Flags(OpenMode mode) {
  switch (mode) {
    case OpenMode::kReadWrite:
      return SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    case OpenMode::kReadOnly:
      return SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX;
    case OpenMode::kImmutable:
      return SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI;
  }
  return SQLITE_OPEN_READONLY;
}

}  // namespace

Query::~Query() {
  statement_.tryReset();
  statement_.clearBindings();
}

Connection::Connection(const std::string& path, OpenMode mode, std::chrono::milliseconds busy_timeout)
    : path_(path),
      mode_(mode),
      database_(mode == OpenMode::kImmutable ? ImmutableUri(path) : path, Flags(mode),
                static_cast<int>(busy_timeout.count())) {}

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const std::string& path, OpenMode mode,
                                                             std::chrono::milliseconds busy_timeout) {
  std::unique_ptr<Connection> connection;
  QALAM_RETURN_IF_ERROR(CatchSqlite(path, nullptr, [&] {
    connection.reset(new Connection(path, mode, busy_timeout));
    if (mode != OpenMode::kReadWrite) {
      sqlite3_db_config(connection->database_.getHandle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    }
    return absl::OkStatus();
  }));
  return connection;
}

Query Connection::Prepared(std::string_view sql) {
  auto found = statements_.find(sql);
  if (found == statements_.end()) {
    const std::string text(sql);
    found = statements_
                .emplace(std::piecewise_construct, std::forward_as_tuple(text),
                         std::forward_as_tuple(database_, text))
                .first;
  }
  return Query(found->second);
}

absl::Status Connection::Catch(absl::FunctionRef<absl::Status()> work) {
  return CatchSqlite(path_, database_.getHandle(), work);
}

bool Connection::in_transaction() const { return sqlite3_get_autocommit(database_.getHandle()) == 0; }

}  // namespace qalam::db
