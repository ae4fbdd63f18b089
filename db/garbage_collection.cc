#include "db/garbage_collection.h"

#include <algorithm>
#include <deque>

namespace qalam::db {
namespace {

constexpr std::string_view kForegroundFinalizer = "foregroundDeletion";

bool IsBeingDeleted(const api::Resource& resource) {
  return resource.metadata.deletion_timestamp.has_value();
}

bool WaitsForDependants(const api::Resource& resource) {
  const auto& finalizers = resource.metadata.finalizers;
  return IsBeingDeleted(resource) &&
         std::find(finalizers.begin(), finalizers.end(), kForegroundFinalizer) != finalizers.end();
}

void DropOwner(api::Resource& dependant, std::string_view uid) {
  std::erase_if(dependant.metadata.owner_references, [&](const auto& owner) { return owner.uid == uid; });
}

// A list of things to look at instead of recursion: chains of owners may be long.
class Collector {
 public:
  Collector(ChangeSet& changes, absl::Time now) : changes_(changes), now_(now) {}

  void Delete(const api::Resource& resource, api::Propagation propagation) {
    if (IsBeingDeleted(resource)) return;
    if (propagation == api::Propagation::kOrphan) Orphan(resource);
    if (resource.kind() == api::Kind::kNamespace) propagation = api::Propagation::kForeground;
    const std::vector<api::ResourcePtr> dependants = DependantsOf(resource);
    std::shared_ptr<api::Resource> marked = resource.Clone();
    if (propagation == api::Propagation::kForeground && !dependants.empty()) {
      marked->metadata.finalizers.emplace_back(kForegroundFinalizer);
    }
    if (marked->metadata.finalizers.empty()) {
      Remove(resource);
      return;
    }
    marked->metadata.deletion_timestamp = now_;
    marked->metadata.deletion_grace_period_seconds = 0;
    ++marked->metadata.generation;
    const api::ResourcePtr owner = changes_.Put(std::move(marked));
    if (!WaitsForDependants(*owner)) return;
    for (const api::ResourcePtr& dependant : dependants) Later(&Collector::Collect, IdOf(*dependant));
    Later(&Collector::Unblock, IdOf(*owner));
  }

  void Remove(const api::Resource& resource) {
    changes_.Remove(resource);
    for (const auto& dependant : changes_.Dependants(resource.metadata.uid)) {
      Later(&Collector::Collect, IdOf(*dependant));
    }
    for (const api::OwnerReference& owner : resource.metadata.owner_references) {
      if (const api::ResourcePtr found = changes_.FindUid(owner.uid))
        Later(&Collector::Unblock, IdOf(*found));
    }
    if (const api::ResourcePtr home = NamespaceOf(resource)) left_ = IdOf(*home);
  }

  // What becomes of a dependant whose owners may have gone.
  void Collect(const api::Resource& dependant) {
    const api::ResourcePtr home = NamespaceOf(dependant);
    if (home != nullptr && IsBeingDeleted(*home)) return Delete(dependant, api::Propagation::kBackground);
    bool has_living_owner = false, has_waiting_owner = false;
    std::vector<std::string> gone;
    for (const api::OwnerReference& owner : dependant.metadata.owner_references) {
      const api::ResourcePtr found = Owner(dependant, owner);
      const bool waits = found != nullptr && WaitsForDependants(*found);
      const bool lives = found != nullptr ? !waits : !IsStoredKind(owner);
      has_living_owner |= lives;
      has_waiting_owner |= waits;
      if (!lives) gone.push_back(owner.uid);
    }
    if (gone.empty()) return;
    if (!has_living_owner) {
      Delete(dependant, has_waiting_owner ? api::Propagation::kForeground : api::Propagation::kBackground);
      return;
    }
    std::shared_ptr<api::Resource> kept = dependant.Clone();
    for (const std::string& uid : gone) DropOwner(*kept, uid);
    changes_.Put(std::move(kept));
    for (const std::string& uid : gone) {
      if (const api::ResourcePtr owner = changes_.FindUid(uid)) Later(&Collector::Unblock, IdOf(*owner));
    }
  }

  // Lets an owner go that waited for its last blocking dependant.
  void Unblock(const api::Resource& owner) {
    if (!WaitsForDependants(owner)) return;
    if (owner.kind() == api::Kind::kNamespace && !changes_.InNamespace(owner.metadata.name, 1).empty())
      return;
    for (const api::ResourcePtr& dependant : changes_.Dependants(owner.metadata.uid)) {
      for (const api::OwnerReference& reference : dependant->metadata.owner_references) {
        if (reference.uid == owner.metadata.uid && reference.block_owner_deletion) return;
      }
    }
    std::shared_ptr<api::Resource> released = owner.Clone();
    std::erase(released->metadata.finalizers, kForegroundFinalizer);
    if (released->metadata.finalizers.empty()) {
      Remove(*released);
    } else {
      changes_.Put(std::move(released));
    }
  }

  void Run() {
    while (!later_.empty() || left_) {
      if (later_.empty()) Later(&Collector::Unblock, *std::exchange(left_, std::nullopt));
      const auto [step, id] = later_.front();
      later_.pop_front();
      if (const api::ResourcePtr resource = changes_.Find(id)) (this->*step)(*resource);
    }
  }

 private:
  using Step = void (Collector::*)(const api::Resource&);

  void Later(Step step, ResourceId id) { later_.emplace_back(step, std::move(id)); }

  void Orphan(const api::Resource& owner) {
    for (const api::ResourcePtr& dependant : changes_.Dependants(owner.metadata.uid)) {
      std::shared_ptr<api::Resource> orphan = dependant->Clone();
      DropOwner(*orphan, owner.metadata.uid);
      changes_.Put(std::move(orphan));
    }
  }

  std::vector<api::ResourcePtr> DependantsOf(const api::Resource& owner) const {
    return owner.kind() == api::Kind::kNamespace ? changes_.InNamespace(owner.metadata.name)
                                                 : changes_.Dependants(owner.metadata.uid);
  }

  /// Null when there is no such object, which is nothing unusual.
  api::ResourcePtr NamespaceOf(const api::Resource& resource) const {
    if (resource.metadata.namespace_name.empty()) return nullptr;
    return changes_.Find({api::Kind::kNamespace, {"", resource.metadata.namespace_name}});
  }

  api::ResourcePtr Owner(const api::Resource& dependant, const api::OwnerReference& owner) const {
    api::ResourcePtr found = changes_.FindUid(owner.uid);
    const bool reachable =
        found != nullptr && found->metadata.namespace_name == dependant.metadata.namespace_name;
    return reachable ? found : nullptr;
  }

  static bool IsStoredKind(const api::OwnerReference& owner) {
    const std::optional<api::Kind> kind = api::KindFromName(owner.kind);
    return kind.has_value() && api::ApiVersion(*kind) == owner.api_version;
  }

  ChangeSet& changes_;
  absl::Time now_;
  std::deque<std::pair<Step, ResourceId>> later_;
  std::optional<ResourceId>
      left_;  // a namespace that something has gone from; looked at once, when all is done
};

}  // namespace

void DeleteResource(ChangeSet& changes, const api::Resource& resource, api::Propagation propagation,
                    absl::Time now) {
  Collector collector(changes, now);
  collector.Delete(resource, propagation);
  collector.Run();
}

void StoreResource(ChangeSet& changes, std::shared_ptr<api::Resource> resource, absl::Time now) {
  Collector collector(changes, now);
  if (IsBeingDeleted(*resource) && resource->metadata.finalizers.empty()) {
    collector.Remove(*resource);
  } else {
    collector.Collect(*changes.Put(std::move(resource)));
  }
  collector.Run();
}

}  // namespace qalam::db
