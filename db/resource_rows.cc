#include "db/resource_rows.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/codec.h"
#include "db/connection.h"
#include "db/database.h"
#include "db/resource_texts.h"

namespace qalam::db {
namespace {

using ResourceText = std::pair<std::shared_ptr<api::Resource>, std::string>;

// The resource that a row (kind, namespace, name, version, json) stands for, and its text; `id` is that of
// its parts.
absl::StatusOr<ResourceText> ReadRow(Connection& connection, Query& row, const std::string& path,
                                     std::int64_t id) {
  const auto kind = static_cast<api::Kind>(row->getColumn(0).getInt());
  const std::string namespace_name = row->getColumn(1), name = row->getColumn(2);
  if (api::KindName(kind).empty()) {
    return absl::FailedPreconditionError(
        fmt::format("database {}: {}/{} has kind {}, which this qalam does not know", path, namespace_name,
                    name, static_cast<int>(kind)));
  }
  const SQLite::Column whole = row->getColumn(4);
  std::string text(whole.getText(), static_cast<size_t>(whole.getBytes()));
  if (text.empty()) text = ReadParts(connection, id);
  absl::StatusOr<std::shared_ptr<api::Resource>> resource = api::FromJson(text);
  if (resource.ok() && *resource != nullptr && IdOf(**resource) != ResourceId{kind, {namespace_name, name}}) {
    resource = absl::InvalidArgumentError("its text is that of another resource");
  }
  if (!resource.ok() || *resource == nullptr) {
    return absl::DataLossError(fmt::format("database {}: {} {}/{} cannot be read: {}", path,
                                           api::KindName(kind), namespace_name, name,
                                           std::string(resource.status().message())));
  }
  (*resource)->metadata.resource_version = std::to_string(row->getColumn(3).getInt64());
  return ResourceText(*std::move(resource), std::move(text));
}

// For looking only: files of any version, what is not known is left out.
absl::Status LoadPresent(Connection& connection, const std::string& path, StoredResources& stored) {
  Query rows = connection.Prepared("SELECT kind, namespace, name, resource_version, json, id FROM resources");
  while (rows->executeStep()) {
    absl::StatusOr<ResourceText> row = ReadRow(connection, rows, path, rows->getColumn(5).getInt64());
    if (absl::IsFailedPrecondition(row.status())) continue;
    QALAM_RETURN_IF_ERROR(row.status());
    stored.version = std::max(stored.version, rows->getColumn(3).getInt64());
    stored.table.Put(std::move(row->first));
  }
  return absl::OkStatus();
}

absl::Status LoadWithPast(Connection& connection, const std::string& path, StoredResources& stored) {
  Query rows = connection.Prepared(
      "SELECT kind, namespace, name, resource_version, json, id, created_version FROM resources");
  while (rows->executeStep()) {
    QALAM_ASSIGN_OR_RETURN(ResourceText row, ReadRow(connection, rows, path, rows->getColumn(5).getInt64()));
    const std::int64_t version = rows->getColumn(3).getInt64();
    stored.version = std::max(stored.version, version);
    stored.past.changes.push_back({{version, {api::WatchEventType::kModified, row.first}},
                                   row.second.size(),
                                   rows->getColumn(6).getInt64()});
    stored.table.Put(std::move(row.first));
  }
  Query deletions =
      connection.Prepared("SELECT kind, namespace, name, version, json, created_version FROM deletions");
  while (deletions->executeStep()) {
    QALAM_ASSIGN_OR_RETURN(const ResourceText row, ReadRow(connection, deletions, path, /*id=*/0));
    stored.past.changes.push_back(
        {{deletions->getColumn(3).getInt64(), {api::WatchEventType::kDeleted, row.first}},
         row.second.size(),
         deletions->getColumn(5).getInt64()});
  }
  return absl::OkStatus();
}

std::int64_t Counter(Connection& connection, const char* name) {
  if (!connection.HasTable("counters")) return 0;
  Query counter = connection.Prepared("SELECT value FROM counters WHERE name = ?");
  counter->bindNoCopy(1, name);
  return counter->executeStep() ? counter->getColumn(0).getInt64() : 0;
}

}  // namespace

absl::StatusOr<StoredResources> LoadResources(Database& database) {
  StoredResources stored;
  const absl::Status status = database.Read([&](Connection& connection) -> absl::Status {
    stored = {};
    if (database.read_only()) {
      if (!connection.HasTable("resources")) return absl::OkStatus();
      QALAM_RETURN_IF_ERROR(LoadPresent(connection, database.path(), stored));
    } else {
      QALAM_RETURN_IF_ERROR(LoadWithPast(connection, database.path(), stored));
    }
    stored.version = std::max(stored.version, Counter(connection, "resource_version"));
    stored.past.begin = database.read_only() ? stored.version : Counter(connection, "past_begin");
    return absl::OkStatus();
  });
  QALAM_RETURN_IF_ERROR(status);
  return stored;
}

}  // namespace qalam::db
