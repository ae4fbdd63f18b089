#include "db/dump_import.h"

#include <fmt/format.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/time/clock.h"
#include "db/connection.h"
#include "db/point_rows.h"
#include "db/sql_dump.h"

namespace qalam::db {
namespace {

constexpr size_t kBatchRows = 5'000;
constexpr size_t kBatchBytes = 4u << 20;

class GzipSource {
 public:
  static absl::StatusOr<GzipSource> Open(const std::string& path) {
    errno = 0;
    GzipSource source(path == "-" ? gzdopen(dup(STDIN_FILENO), "rb") : gzopen(path.c_str(), "rb"));
    if (source.file_ != nullptr) return source;
    const std::string message = fmt::format("cannot open {}: {}", path, std::strerror(errno));
    return errno == ENOENT ? absl::NotFoundError(message) : absl::PermissionDeniedError(message);
  }

  absl::Status Read(std::string& buffer) {
    constexpr int kChunk = 256 << 10;
    const size_t before = buffer.size();
    buffer.resize(before + kChunk);
    const int read = gzread(file_.get(), buffer.data() + before, kChunk);
    buffer.resize(before + static_cast<size_t>(std::max(read, 0)));
    int code = Z_OK;
    const char* message = gzerror(file_.get(), &code);
    if (code == Z_OK || code == Z_STREAM_END) return absl::OkStatus();
    return absl::DataLossError(code == Z_ERRNO ? std::strerror(errno) : message);
  }

 private:
  struct Close {
    void operator()(gzFile file) const { gzclose(file); }
  };
  explicit GzipSource(gzFile file) : file_(file) {}
  std::unique_ptr<std::remove_pointer_t<gzFile>, Close> file_;
};

class Importer {
 public:
  explicit Importer(Database& database) : database_(database) {}

  absl::Status Add(DumpRow row) {
    trials_.insert(std::hash<std::string>()(row.trial_name));
    bytes_ += row.trial_name.size() + row.metric_name.size() + row.value.size();
    rows_.push_back(std::move(row));
    return rows_.size() < kBatchRows && bytes_ < kBatchBytes ? absl::OkStatus() : Flush();
  }

  absl::Status Flush() {
    // One trial after the other, each in the order of the dump.
    std::stable_sort(rows_.begin(), rows_.end(),
                     [](const DumpRow& a, const DumpRow& b) { return a.trial_name < b.trial_name; });
    std::int64_t inserted = 0;
    QALAM_RETURN_IF_ERROR(database_.Write([&](Connection& connection) {
      inserted = 0;
      for (auto row = rows_.begin(); row != rows_.end();) {
        const std::string& trial = row->trial_name;
        PointWriter writer(connection, trial);
        for (; row != rows_.end() && row->trial_name == trial; ++row) {
          inserted += writer.Insert({row->time, row->metric_name, row->value}, -row->id);
        }
        writer.Finish(absl::Now());
      }
      return absl::OkStatus();
    }));
    summary_.points += static_cast<std::int64_t>(rows_.size());
    summary_.present += static_cast<std::int64_t>(rows_.size()) - inserted;
    rows_.clear();
    bytes_ = 0;
    return absl::OkStatus();
  }

  ImportSummary summary() const {
    ImportSummary summary = summary_;
    summary.trials = static_cast<std::int64_t>(trials_.size());
    return summary;
  }

 private:
  Database& database_;
  std::vector<DumpRow> rows_;
  size_t bytes_ = 0;
  absl::flat_hash_set<size_t> trials_;  // hashes of their names
  ImportSummary summary_;
};

}  // namespace

absl::StatusOr<ImportSummary> ImportSqlDump(Database& database, const std::string& path) {
  QALAM_ASSIGN_OR_RETURN(GzipSource source, GzipSource::Open(path));
  SqlDumpReader reader([&](std::string& buffer) { return source.Read(buffer); });
  Importer importer(database);
  for (DumpRow row;;) {
    const absl::StatusOr<bool> more = reader.Next(row);
    if (!more.ok()) {
      QALAM_RETURN_IF_ERROR(importer.Flush());
      return absl::Status(more.status().code(),
                          fmt::format("{}: {}", path, std::string(more.status().message())));
    }
    if (!*more) break;
    QALAM_RETURN_IF_ERROR(importer.Add(std::move(row)));
  }
  QALAM_RETURN_IF_ERROR(importer.Flush());
  return importer.summary();
}

}  // namespace qalam::db
