#include "db/resource_table.h"

#include <algorithm>

namespace qalam::db {

api::ResourcePtr ResourceTable::Find(const ResourceId& id) const {
  const Resources& resources = OfKind(id.kind);
  const auto found = resources.find(id.key);
  return found == resources.end() ? nullptr : found->second;
}

const ResourceId* ResourceTable::FindUid(std::string_view uid) const {
  const auto found = by_uid_.find(std::string(uid));
  return found == by_uid_.end() ? nullptr : &found->second;
}

const ResourceTable::Resources& ResourceTable::OfKind(api::Kind kind) const {
  static const Resources kNone;
  const auto found = by_kind_.find(kind);
  return found == by_kind_.end() ? kNone : found->second;
}

std::vector<ResourceId> ResourceTable::Dependants(std::string_view owner_uid) const {
  const auto found = by_owner_.find(std::string(owner_uid));
  if (found == by_owner_.end()) return {};
  return {found->second.begin(), found->second.end()};
}

void ResourceTable::Put(api::ResourcePtr resource) {
  const ResourceId id = IdOf(*resource);
  api::ResourcePtr& place = by_kind_[id.kind][id.key];
  const bool same_links = place != nullptr && place->metadata.uid == resource->metadata.uid &&
                          place->metadata.owner_references == resource->metadata.owner_references;
  if (!same_links) {
    if (place != nullptr) Unlink(*place);
    by_uid_[resource->metadata.uid] = id;
    for (const api::OwnerReference& owner : resource->metadata.owner_references)
      by_owner_[owner.uid].insert(id);
  }
  place = std::move(resource);
}

void ResourceTable::Erase(const ResourceId& id) {
  Resources& resources = by_kind_[id.kind];
  const auto found = resources.find(id.key);
  if (found == resources.end()) return;
  Unlink(*found->second);
  resources.erase(found);
}

void ResourceTable::Unlink(const api::Resource& resource) {
  by_uid_.erase(resource.metadata.uid);
  for (const api::OwnerReference& owner : resource.metadata.owner_references) {
    const auto found = by_owner_.find(owner.uid);
    if (found == by_owner_.end()) continue;
    found->second.erase(IdOf(resource));
    if (found->second.empty()) by_owner_.erase(found);
  }
}

api::ResourcePtr ChangeSet::Find(const ResourceId& id) const {
  const auto found = overlay_.find(id);
  return found == overlay_.end() ? table_.Find(id) : found->second;
}

api::ResourcePtr ChangeSet::FindUid(std::string_view uid) const {
  const ResourceId* id = table_.FindUid(uid);
  if (id == nullptr) return nullptr;
  api::ResourcePtr resource = Find(*id);
  return resource != nullptr && resource->metadata.uid == uid ? resource : nullptr;
}

std::vector<api::ResourcePtr> ChangeSet::Dependants(std::string_view owner_uid) const {
  std::vector<api::ResourcePtr> dependants;
  for (const ResourceId& id : table_.Dependants(owner_uid)) {
    api::ResourcePtr resource = Find(id);
    if (resource == nullptr) continue;
    const auto& owners = resource->metadata.owner_references;
    if (std::any_of(owners.begin(), owners.end(),
                    [&](const auto& owner) { return owner.uid == owner_uid; })) {
      dependants.push_back(std::move(resource));
    }
  }
  return dependants;
}

std::vector<api::ResourcePtr> ChangeSet::InNamespace(std::string_view name, std::size_t most) const {
  std::vector<api::ResourcePtr> found;
  for (const auto& [id, resource] : overlay_) {
    if (found.size() == most) return found;
    if (resource != nullptr && id.key.namespace_name == name) found.push_back(resource);
  }
  for (const api::Kind kind : api::AllKinds()) {
    const ResourceTable::Resources& all = table_.OfKind(kind);
    for (auto it = all.lower_bound({std::string(name), ""});
         it != all.end() && it->first.namespace_name == name; ++it) {
      if (found.size() == most) return found;
      if (!overlay_.contains({kind, it->first})) found.push_back(it->second);
    }
  }
  return found;
}

api::ResourcePtr ChangeSet::Put(std::shared_ptr<api::Resource> resource) {
  const bool exists = Find(IdOf(*resource)) != nullptr;
  return Record(exists ? api::WatchEventType::kModified : api::WatchEventType::kAdded, std::move(resource));
}

void ChangeSet::Remove(const api::Resource& resource) {
  const api::ResourcePtr last = Record(api::WatchEventType::kDeleted, resource.Clone());
  overlay_[IdOf(*last)] = nullptr;
}

api::ResourcePtr ChangeSet::LastState(const ResourceId& id) const {
  const auto last = std::find_if(changes_.rbegin(), changes_.rend(),
                                 [&](const Change& c) { return IdOf(*c.event.resource) == id; });
  return last == changes_.rend() ? nullptr : last->event.resource;
}

api::ResourcePtr ChangeSet::Record(api::WatchEventType type, std::shared_ptr<api::Resource> resource) {
  resource->metadata.resource_version = std::to_string(++version_);
  changes_.push_back({version_, {type, resource, Find(IdOf(*resource))}});
  overlay_[IdOf(*resource)] = resource;
  return resource;
}

}  // namespace qalam::db
