#include "db/deletion_rows.h"

#include <map>

#include "db/connection.h"

namespace qalam::db {
namespace {

void InsertRow(Connection& connection, const Change& change, const std::int64_t* created,
               const std::string& json) {
  const api::Resource& resource = *change.event.resource;
  Query insert = connection.Prepared(
      "INSERT INTO deletions (version, kind, namespace, name, created_version, json) VALUES (?1, ?2, ?3, ?4, "
      "ifnull(?5, (SELECT created_version FROM resources WHERE kind = ?2 AND namespace = ?3 AND name = ?4)), "
      "?6)");
  insert->bind(1, change.version);
  insert->bind(2, static_cast<int>(resource.kind()));
  insert->bindNoCopy(3, resource.metadata.namespace_name);
  insert->bindNoCopy(4, resource.metadata.name);
  if (created != nullptr) insert->bind(5, *created);
  insert->bindNoCopy(6, json);
  insert->exec();
}

// The past begins after them now.
void DeleteRowsUpTo(Connection& connection, std::int64_t version) {
  Query remove = connection.Prepared("DELETE FROM deletions WHERE version <= ?");
  remove->bind(1, version);
  remove->exec();
  Query begin = connection.Prepared(
      "INSERT INTO counters (name, value) VALUES ('past_begin', ?) "
      "ON CONFLICT (name) DO UPDATE SET value = excluded.value");
  begin->bind(1, version);
  begin->exec();
}

}  // namespace

DeletionRows::DeletionRows(const RememberedPast& past, HistoryLimits limits) : limits_(limits) {
  for (const RememberedChange& remembered : past.changes) {
    if (remembered.change.event.type != api::WatchEventType::kDeleted) continue;
    kept_.emplace_back(remembered.change.version, remembered.bytes);
    kept_bytes_ += remembered.bytes;
  }
}

std::size_t DeletionRows::Surplus(std::size_t count, std::size_t bytes) const {
  std::size_t surplus = 0;
  bytes += kept_bytes_;
  while (surplus < kept_.size() &&
         (kept_.size() - surplus + count > limits_.changes || bytes > limits_.bytes)) {
    bytes -= kept_[surplus++].second;
  }
  return surplus;
}

void DeletionRows::Write(Connection& connection, std::span<const Change> changes,
                         std::span<const std::string> json) const {
  std::map<ResourceId, std::int64_t> created;  // by the changes themselves
  std::size_t count = 0, bytes = 0;
  for (size_t i = 0; i < changes.size(); ++i) {
    const ResourceId id = IdOf(*changes[i].event.resource);
    if (changes[i].event.type == api::WatchEventType::kAdded) created[id] = changes[i].version;
    if (changes[i].event.type != api::WatchEventType::kDeleted) continue;
    const auto found = created.find(id);
    InsertRow(connection, changes[i], found == created.end() ? nullptr : &found->second, json[i]);
    ++count;
    bytes += json[i].size();
  }
  if (count == 0) return;
  const std::size_t surplus = Surplus(count, bytes);
  if (surplus > 0) DeleteRowsUpTo(connection, kept_[surplus - 1].first);
}

void DeletionRows::Keep(std::span<const Change> changes, std::span<const std::size_t> bytes) {
  std::deque<std::pair<std::int64_t, std::size_t>> added;
  std::size_t added_bytes = 0;
  for (size_t i = 0; i < changes.size(); ++i) {
    if (changes[i].event.type != api::WatchEventType::kDeleted) continue;
    added.emplace_back(changes[i].version, bytes[i]);
    added_bytes += bytes[i];
  }
  if (added.empty()) return;
  for (std::size_t surplus = Surplus(added.size(), added_bytes); surplus > 0; --surplus) {
    kept_bytes_ -= kept_.front().second;
    kept_.pop_front();
  }
  kept_.insert(kept_.end(), added.begin(), added.end());
  kept_bytes_ += added_bytes;
}

}  // namespace qalam::db
