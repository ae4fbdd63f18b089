// The resources in memory, and a set of changes laid over them. Internal to this room.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "api/resource_store.h"

namespace qalam::db {

struct ResourceId {
  api::Kind kind;
  api::ObjectKey key;
  auto operator<=>(const ResourceId&) const = default;
};

inline ResourceId IdOf(const api::Resource& resource) { return {resource.kind(), resource.key()}; }

/// Found by kind and key, by uid, and by the uid of an owner. Threads: guarded by the caller.
class ResourceTable {
 public:
  using Resources = std::map<api::ObjectKey, api::ResourcePtr>;  // by namespace, then name

  /// Null when there is none.
  api::ResourcePtr Find(const ResourceId& id) const;
  const ResourceId* FindUid(std::string_view uid) const;

  const Resources& OfKind(api::Kind kind) const;
  std::vector<ResourceId> Dependants(std::string_view owner_uid) const;

  /// Adds or replaces.
  void Put(api::ResourcePtr resource);
  void Erase(const ResourceId& id);

 private:
  void Unlink(const api::Resource& resource);

  std::map<api::Kind, Resources> by_kind_;
  std::unordered_map<std::string, ResourceId> by_uid_;
  std::unordered_map<std::string, std::set<ResourceId>> by_owner_;
};

/// One change of one resource, as it goes to disk, to the history and to watches.
struct Change {
  std::int64_t version;
  api::WatchEvent event;
};

/// Changes that belong together: a view of the table as it will be, and the list to get there. The table
/// itself stays as it is until the changes are on disk.
class ChangeSet {
 public:
  /// Both outlive the set. Versions count on from `version`.
  ChangeSet(const ResourceTable& table, std::int64_t version) : table_(table), version_(version) {}

  api::ResourcePtr Find(const ResourceId& id) const;
  api::ResourcePtr FindUid(std::string_view uid) const;
  std::vector<api::ResourcePtr> Dependants(std::string_view owner_uid) const;
  std::vector<api::ResourcePtr> InNamespace(std::string_view name,
                                            std::size_t most = std::numeric_limits<std::size_t>::max()) const;

  /// Adds or replaces; sets the resource version.
  api::ResourcePtr Put(std::shared_ptr<api::Resource> resource);
  /// The last state gets the version of the deletion.
  void Remove(const api::Resource& resource);

  /// The last state of a resource that was put or removed here; null for others.
  api::ResourcePtr LastState(const ResourceId& id) const;

  const std::vector<Change>& changes() const { return changes_; }
  std::int64_t version() const { return version_; }  // of the last change

 private:
  api::ResourcePtr Record(api::WatchEventType type, std::shared_ptr<api::Resource> resource);

  const ResourceTable& table_;
  std::int64_t version_;
  std::map<ResourceId, api::ResourcePtr> overlay_;  // null: removed
  std::vector<Change> changes_;
};

}  // namespace qalam::db
