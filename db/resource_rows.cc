#include "db/resource_rows.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/codec.h"
#include "db/connection.h"
#include "db/database.h"

namespace qalam::db {
namespace {

absl::Status LoadRow(Query& row, bool skip_unknown, const std::string& path, StoredResources& stored) {
  const auto kind = static_cast<api::Kind>(row->getColumn(0).getInt());
  const std::string namespace_name = row->getColumn(1), name = row->getColumn(2);
  if (api::KindName(kind).empty()) {
    if (skip_unknown) return absl::OkStatus();
    return absl::FailedPreconditionError(
        fmt::format("database {}: {}/{} has kind {}, which this qalam does not know", path, namespace_name,
                    name, static_cast<int>(kind)));
  }
  const SQLite::Column json = row->getColumn(4);
  absl::StatusOr<std::shared_ptr<api::Resource>> resource =
      api::FromJson({json.getText(), static_cast<size_t>(json.getBytes())});
  if (resource.ok() && *resource != nullptr && IdOf(**resource) != ResourceId{kind, {namespace_name, name}}) {
    resource = absl::InvalidArgumentError("its text is that of another resource");
  }
  if (!resource.ok() || *resource == nullptr) {
    return absl::DataLossError(fmt::format("database {}: {} {}/{} cannot be read: {}", path,
                                           api::KindName(kind), namespace_name, name,
                                           std::string(resource.status().message())));
  }
  const std::int64_t version = row->getColumn(3).getInt64();
  (*resource)->metadata.resource_version = std::to_string(version);
  stored.version = std::max(stored.version, version);
  stored.table.Put(*std::move(resource));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<StoredResources> LoadResources(Database& database) {
  StoredResources stored;
  const absl::Status status = database.Read([&](Connection& connection) -> absl::Status {
    stored = {};
    if (!connection.HasTable("resources")) return absl::OkStatus();
    Query rows = connection.Prepared("SELECT kind, namespace, name, resource_version, json FROM resources");
    while (rows->executeStep()) {
      QALAM_RETURN_IF_ERROR(LoadRow(rows, database.read_only(), database.path(), stored));
    }
    if (!connection.HasTable("counters")) return absl::OkStatus();
    Query counter = connection.Prepared("SELECT value FROM counters WHERE name = 'resource_version'");
    if (counter->executeStep()) stored.version = std::max(stored.version, counter->getColumn(0).getInt64());
    return absl::OkStatus();
  });
  QALAM_RETURN_IF_ERROR(status);
  return stored;
}

void WriteChanges(Connection& connection, std::span<const Change> changes,
                  std::span<const std::string> json) {
  std::int64_t last_deletion = 0;
  for (size_t i = 0; i < changes.size(); ++i) {
    const api::Resource& resource = *changes[i].event.resource;
    const bool deleted = changes[i].event.type == api::WatchEventType::kDeleted;
    Query write = connection.Prepared(
        deleted
            ? "DELETE FROM resources WHERE kind = ?1 AND namespace = ?2 AND name = ?3"
            : "INSERT INTO resources (kind, namespace, name, uid, resource_version, json) "
              "VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (kind, namespace, name) DO UPDATE "
              "SET uid = excluded.uid, resource_version = excluded.resource_version, json = excluded.json");
    write->bind(1, static_cast<int>(resource.kind()));
    write->bindNoCopy(2, resource.metadata.namespace_name);
    write->bindNoCopy(3, resource.metadata.name);
    if (deleted) {
      last_deletion = changes[i].version;
    } else {
      write->bindNoCopy(4, resource.metadata.uid);
      write->bind(5, changes[i].version);
      write->bindNoCopy(6, json[i]);
    }
    write->exec();
  }
  if (last_deletion == 0) return;
  Query counter = connection.Prepared(
      "INSERT INTO counters (name, value) VALUES ('resource_version', ?) "
      "ON CONFLICT (name) DO UPDATE SET value = excluded.value");
  counter->bind(1, last_deletion);
  counter->exec();
}

}  // namespace qalam::db
