#include "db/database.h"

#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <array>
#include <filesystem>

#include "db/connection.h"
#include "db/file_lock.h"
#include "db/reader_pool.h"
#include "db/schema.h"
#include "db/sqlite_status.h"
#include "db/writer.h"

namespace qalam::db {
namespace {

constexpr std::chrono::milliseconds kReaderTimeout{5'000};
// 16 MiB of log between two checkpoints: each costs two fsyncs, and rewriting a large status fills 1,000
// pages (SQLite's default) in a few writes.
constexpr int kCheckpointPages = 4'096;
constexpr int kLogSizeLimit = 32 << 20;
constexpr int kReadAttempts = 5;
constexpr size_t kReaders = 4;
// Leaves of the logs of many trials that report at once, and the pages above them.
constexpr int kWriterCacheKib = 16 << 10;

// What must stay the same while a file is read without locks.
using Fingerprint = std::array<std::int64_t, 5>;

bool Exists(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0;
}

bool DirectoryExists(const std::string& path) {
  return Exists(std::filesystem::absolute(path).parent_path().string());
}

// SQLite takes a file of one byte for an empty one, and would write into it.
absl::Status CheckSize(const std::string& path) {
  constexpr off_t kSmallestPage = 512;
  struct stat info;
  if (stat(path.c_str(), &info) != 0 || info.st_size == 0 || info.st_size >= kSmallestPage)
    return absl::OkStatus();
  return SqliteStatus(SQLITE_NOTADB, 0, "", path);
}

Fingerprint Look(const std::string& path) {
  struct stat info = {};
  if (stat(path.c_str(), &info) != 0) return {};
  return {static_cast<std::int64_t>(info.st_ino), info.st_size, info.st_mtim.tv_sec, info.st_mtim.tv_nsec,
          Exists(path + "-wal")};
}

absl::Status Configure(Connection& connection, const DatabaseOptions& options) {
  return connection.Catch([&]() -> absl::Status {
    const std::string mode = connection.database().execAndGet("PRAGMA journal_mode = WAL").getString();
    if (mode != "wal") {
      return absl::FailedPreconditionError(fmt::format(
          "database {}: the file system has no shared memory (journal mode stays '{}'); use a local disk",
          connection.path(), mode));
    }
    const char* synchronous = options.durability == Durability::kPowerLoss ? "FULL" : "NORMAL";
    connection.Execute(
        fmt::format("PRAGMA synchronous = {}; PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = {}; "
                    "PRAGMA journal_size_limit = {}; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -{}",
                    synchronous, kCheckpointPages, kLogSizeLimit, kWriterCacheKib)
            .c_str());
    if (options.max_pages > 0) {
      connection.Execute(fmt::format("PRAGMA max_page_count = {}", options.max_pages).c_str());
    }
    return absl::OkStatus();
  });
}

absl::Status CheckWritable(Connection& connection) {
  if (sqlite3_db_readonly(connection.database().getHandle(), "main") != 1) return absl::OkStatus();
  return SqliteStatus(SQLITE_READONLY, 0, "", connection.path());
}

// A writer that is alive, or was killed, has left its log beside the file; only then are locks worth
// anything.
absl::StatusOr<std::unique_ptr<Connection>> OpenForReading(const std::string& path) {
  QALAM_RETURN_IF_ERROR(CheckSize(path));
  if (!Exists(path) && DirectoryExists(path)) {
    return absl::NotFoundError(fmt::format("cannot open database {}: there is no such file", path));
  }
  const OpenMode mode = Exists(path + "-wal") ? OpenMode::kReadOnly : OpenMode::kImmutable;
  return Connection::Open(path, mode, kReaderTimeout);
}

// A query that this version cannot put to another version's tables is not a defect.
absl::Status ExplainVersion(Connection& connection, absl::Status status) {
  std::int64_t version = 0;
  const int known = AllMigrations().back().to;
  const absl::Status read = connection.Catch([&] {
    version = connection.Integer("PRAGMA user_version");
    return absl::OkStatus();
  });
  if (!read.ok() || version == known) return status;
  return absl::FailedPreconditionError(
      fmt::format("{} has schema version {}, this qalam knows version {}: {}", connection.path(), version,
                  known, std::string(status.message())));
}

absl::Status ReadTransaction(Connection& connection, const Database::Job& job) {
  return connection.Catch([&] {
    connection.Prepared("BEGIN")->exec();
    const absl::Status status = connection.Catch([&] { return job(connection); });
    if (connection.in_transaction()) connection.Prepared("ROLLBACK")->exec();
    return status;
  });
}

}  // namespace

Database::Database(std::string path) : path_(std::move(path)) {}

Database::~Database() = default;

absl::StatusOr<std::unique_ptr<Database>> Database::Open(const std::string& path,
                                                         const DatabaseOptions& options) {
  QALAM_RETURN_IF_ERROR(CheckSize(path));
  QALAM_ASSIGN_OR_RETURN(FileLock lock, FileLock::Acquire(path + ".lock", path));
  QALAM_ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection,
                         Connection::Open(path, OpenMode::kReadWrite, options.busy_timeout));
  QALAM_RETURN_IF_ERROR(CheckWritable(*connection));
  QALAM_RETURN_IF_ERROR(CheckOwner(*connection));
  QALAM_RETURN_IF_ERROR(Configure(*connection, options));
  QALAM_RETURN_IF_ERROR(Migrate(*connection));
  std::unique_ptr<Database> database(new Database(path));
  database->lock_ = std::make_unique<FileLock>(std::move(lock));
  database->writer_ = std::make_unique<Writer>(std::move(connection));
  database->readers_ = std::make_unique<ReaderPool>(path, options.busy_timeout, kReaders);
  QALAM_ASSIGN_OR_RETURN(std::unique_ptr<Connection> first, database->readers_->Take());
  database->readers_->GiveBack(std::move(first));
  return database;
}

absl::StatusOr<std::unique_ptr<Database>> Database::OpenReadOnly(const std::string& path) {
  std::unique_ptr<Database> database(new Database(path));
  QALAM_RETURN_IF_ERROR(database->Read([](Connection& connection) { return CheckOwner(connection); }));
  return database;
}

absl::Status Database::RefuseIfReadOnly() const {
  if (writer_ != nullptr) return absl::OkStatus();
  return absl::PermissionDeniedError(fmt::format("database {} was opened read-only", path_));
}

absl::Status Database::Write(const Job& job) {
  QALAM_RETURN_IF_ERROR(RefuseIfReadOnly());
  return writer_->Write(job);
}

void Database::Submit(Job job, std::function<void(absl::Status)> done) {
  if (absl::Status status = RefuseIfReadOnly(); !status.ok()) return done(std::move(status));
  writer_->Submit(std::move(job), std::move(done));
}

absl::Status Database::Read(const Job& job) {
  if (read_only()) return ReadFile(job);
  QALAM_ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection, readers_->Take());
  const absl::Status status = ReadTransaction(*connection, job);
  readers_->GiveBack(std::move(connection));
  return status;
}

// A connection each time: another process may have written and closed the file between two reads, which a
// connection without locks would not notice.
absl::Status Database::ReadFile(const Job& job) {
  for (int attempt = 0; attempt < kReadAttempts; ++attempt) {
    const Fingerprint before = Look(path_);
    QALAM_ASSIGN_OR_RETURN(const std::unique_ptr<Connection> connection, OpenForReading(path_));
    absl::Status status = ReadTransaction(*connection, job);
    if (absl::IsInternal(status)) status = ExplainVersion(*connection, std::move(status));
    if (connection->mode() == OpenMode::kReadOnly || Look(path_) == before) return status;
  }
  return absl::UnavailableError(fmt::format("database {} keeps changing while it is read; try again", path_));
}

}  // namespace qalam::db
