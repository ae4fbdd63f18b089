#include "controller/resource_cache.h"

#include <set>

#include "base/number_text.h"

namespace qalam::controller {
namespace {

// Versions are opaque by contract, but every store in practice hands out growing integers.
bool IsOlder(const api::Resource& a, const api::Resource& b) {
  const auto version_a = ParseInt(a.metadata.resource_version);
  const auto version_b = ParseInt(b.metadata.resource_version);
  return version_a && version_b && *version_a < *version_b;
}

}  // namespace

ResourceCache::ResourceCache(EventLoop& loop, api::ResourceStore& store, api::Kind kind)
    : loop_(loop), store_(store), kind_(kind) {}

ResourceCache::~ResourceCache() {
  watch_.reset();
  *alive_ = false;
}

absl::Status ResourceCache::Start(ChangeHandler on_change) {
  on_change_ = std::move(on_change);
  return ListAndWatch();
}

absl::Status ResourceCache::ListAndWatch() {
  QALAM_ASSIGN_OR_RETURN(const api::ResourceList list, store_.List(kind_, ""));
  std::set<api::ObjectKey> present;
  for (const api::ResourcePtr& resource : list.items) {
    present.insert(resource->key());
    Put(resource);
  }
  std::vector<api::ObjectKey> gone;
  for (const auto& [key, resource] : items_) {
    if (!present.contains(key)) gone.push_back(key);
  }
  for (const api::ObjectKey& key : gone) Remove(key);

  auto watch = store_.WatchFrom(kind_, "", list.resource_version,
                                [this, alive = alive_](const api::WatchEvent& event) {
                                  loop_.Post([this, alive, event] {
                                    if (*alive) Apply(event);
                                  });
                                });
  QALAM_RETURN_IF_ERROR(watch.status());
  watch_ = *std::move(watch);
  return absl::OkStatus();
}

void ResourceCache::Apply(const api::WatchEvent& event) {
  if (event.type != api::WatchEventType::kDeleted) {
    Put(event.resource);
    return;
  }
  // A resource of the same name may have been created again in the meantime.
  const api::ResourcePtr current = Find(event.resource->key());
  if (current && current->metadata.uid == event.resource->metadata.uid) Remove(event.resource->key());
}

api::ResourcePtr ResourceCache::Find(const api::ObjectKey& key) const {
  const auto found = items_.find(key);
  return found == items_.end() ? nullptr : found->second;
}

void ResourceCache::Put(const api::ResourcePtr& resource) {
  api::ResourcePtr& slot = items_[resource->key()];
  if (slot != nullptr &&
      (slot->metadata.resource_version == resource->metadata.resource_version || IsOlder(*resource, *slot))) {
    return;
  }
  slot = resource;
  on_change_(resource, false);
}

void ResourceCache::Remove(const api::ObjectKey& key) {
  const auto found = items_.find(key);
  if (found == items_.end()) return;
  const api::ResourcePtr last = found->second;
  items_.erase(found);
  on_change_(last, true);
}

}  // namespace qalam::controller
