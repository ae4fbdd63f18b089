#include "db/resource_texts.h"

#include <algorithm>

#include "db/connection.h"

namespace qalam::db {
namespace {

// A row of this length fills a page of 4,096 bytes.
constexpr size_t kPartSize = 4'000;
// Shorter texts are written whole: comparing them would cost their writers the memory of a copy each.
constexpr size_t kShortText = 16'384;

std::string_view Part(std::string_view text, size_t part) {
  const size_t begin = std::min(part * kPartSize, text.size());
  return text.substr(begin, kPartSize);
}

std::int64_t WriteRow(Connection& connection, const Change& change, const std::string& json) {
  const api::Resource& resource = *change.event.resource;
  Query write = connection.Prepared(
      "INSERT INTO resources (kind, namespace, name, uid, resource_version, json, created_version) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?5) ON CONFLICT (kind, namespace, name) DO UPDATE "
      "SET uid = excluded.uid, resource_version = excluded.resource_version, json = excluded.json RETURNING "
      "id");
  write->bind(1, static_cast<int>(resource.kind()));
  write->bindNoCopy(2, resource.metadata.namespace_name);
  write->bindNoCopy(3, resource.metadata.name);
  write->bindNoCopy(4, resource.metadata.uid);
  write->bind(5, change.version);
  write->bindNoCopy(6, json);
  write->executeStep();
  return write->getColumn(0).getInt64();
}

void WriteParts(Connection& connection, std::int64_t id, std::string_view text, std::string_view before) {
  const size_t count = (text.size() + kPartSize - 1) / kPartSize;
  for (size_t i = 0; i < count; ++i) {
    const std::string_view part = Part(text, i);
    if (part == Part(before, i)) continue;
    Query write = connection.Prepared(
        "INSERT INTO resource_parts (resource_id, part, json) VALUES (?1, ?2, ?3) "
        "ON CONFLICT (resource_id, part) DO UPDATE SET json = excluded.json");
    write->bind(1, id);
    write->bind(2, static_cast<std::int64_t>(i));
    write->bind(3, std::string(part));
    write->exec();
  }
  Query rest = connection.Prepared("DELETE FROM resource_parts WHERE resource_id = ?1 AND part >= ?2");
  rest->bind(1, id);
  rest->bind(2, static_cast<std::int64_t>(count));
  rest->exec();
}

void DeleteRow(Connection& connection, const ResourceId& id) {
  Query remove =
      connection.Prepared("DELETE FROM resources WHERE kind = ?1 AND namespace = ?2 AND name = ?3");
  remove->bind(1, static_cast<int>(id.kind));
  remove->bindNoCopy(2, id.key.namespace_name);
  remove->bindNoCopy(3, id.key.name);
  remove->exec();
}

}  // namespace

std::string ReadParts(Connection& connection, std::int64_t resource_id) {
  std::string text;
  Query parts = connection.Prepared("SELECT json FROM resource_parts WHERE resource_id = ? ORDER BY part");
  parts->bind(1, resource_id);
  while (parts->executeStep()) {
    const SQLite::Column part = parts->getColumn(0);
    text.append(part.getText(), static_cast<size_t>(part.getBytes()));
  }
  return text;
}

void ResourceTexts::Write(Connection& connection, std::span<const Change> changes,
                          std::span<const std::string> json) const {
  static const std::string kInParts;
  std::int64_t last_deletion = 0;
  // The last text of a resource that these changes write more than once.
  std::map<ResourceId, std::string_view> now;
  for (size_t i = 0; i < changes.size(); ++i) {
    const ResourceId id = IdOf(*changes[i].event.resource);
    if (changes[i].event.type == api::WatchEventType::kDeleted) {
      DeleteRow(connection, id);
      last_deletion = changes[i].version;
      now[id] = {};
      continue;
    }
    const bool cut = json[i].size() > kShortText;
    const std::int64_t row = WriteRow(connection, changes[i], cut ? kInParts : json[i]);
    if (!now.contains(id)) now[id] = Held(id);
    WriteParts(connection, row, cut ? std::string_view(json[i]) : std::string_view(), now[id]);
    now[id] = cut ? std::string_view(json[i]) : std::string_view();
  }
  if (last_deletion == 0) return;
  Query counter = connection.Prepared(
      "INSERT INTO counters (name, value) VALUES ('resource_version', ?) "
      "ON CONFLICT (name) DO UPDATE SET value = excluded.value");
  counter->bind(1, last_deletion);
  counter->exec();
}

void ResourceTexts::Keep(std::span<const Change> changes, std::span<std::string> json) {
  for (size_t i = 0; i < changes.size(); ++i) {
    const ResourceId id = IdOf(*changes[i].event.resource);
    if (changes[i].event.type == api::WatchEventType::kDeleted || json[i].size() <= kShortText) {
      long_texts_.erase(id);
    } else {
      long_texts_[id] = std::move(json[i]);
    }
  }
}

std::string_view ResourceTexts::Held(const ResourceId& id) const {
  const auto found = long_texts_.find(id);
  return found == long_texts_.end() ? std::string_view() : std::string_view(found->second);
}

}  // namespace qalam::db
