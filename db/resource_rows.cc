#include "db/resource_rows.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/codec.h"
#include "db/connection.h"
#include "db/database.h"
#include "db/resource_texts.h"

namespace qalam::db {
namespace {

std::string TextOf(Connection& connection, Query& row) {
  const SQLite::Column whole = row->getColumn(4);
  std::string text(whole.getText(), static_cast<size_t>(whole.getBytes()));
  return text.empty() ? ReadParts(connection, row->getColumn(5).getInt64()) : text;
}

absl::Status LoadRow(Connection& connection, Query& row, bool skip_unknown, const std::string& path,
                     StoredResources& stored) {
  const auto kind = static_cast<api::Kind>(row->getColumn(0).getInt());
  const std::string namespace_name = row->getColumn(1), name = row->getColumn(2);
  if (api::KindName(kind).empty()) {
    if (skip_unknown) return absl::OkStatus();
    return absl::FailedPreconditionError(
        fmt::format("database {}: {}/{} has kind {}, which this qalam does not know", path, namespace_name,
                    name, static_cast<int>(kind)));
  }
  absl::StatusOr<std::shared_ptr<api::Resource>> resource = api::FromJson(TextOf(connection, row));
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
    Query rows =
        connection.Prepared("SELECT kind, namespace, name, resource_version, json, id FROM resources");
    while (rows->executeStep()) {
      QALAM_RETURN_IF_ERROR(LoadRow(connection, rows, database.read_only(), database.path(), stored));
    }
    if (!connection.HasTable("counters")) return absl::OkStatus();
    Query counter = connection.Prepared("SELECT value FROM counters WHERE name = 'resource_version'");
    if (counter->executeStep()) stored.version = std::max(stored.version, counter->getColumn(0).getInt64());
    return absl::OkStatus();
  });
  QALAM_RETURN_IF_ERROR(status);
  return stored;
}

}  // namespace qalam::db
