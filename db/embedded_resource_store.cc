#include "db/embedded_resource_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "api/codec.h"
#include "api/core.h"
#include "api/suggestion.h"
#include "api/times.h"
#include "base/number_text.h"
#include "db/connection.h"
#include "db/garbage_collection.h"
#include "db/metadata_rules.h"

namespace qalam::db {
namespace {

constexpr int kNameAttempts = 8;

bool HasLabels(const api::Resource& resource, const api::StringMap& labels) {
  return std::all_of(labels.begin(), labels.end(), [&](const auto& wanted) {
    const auto found = resource.metadata.labels.find(wanted.first);
    return found != resource.metadata.labels.end() && found->second == wanted.second;
  });
}

std::vector<api::ResourcePtr> Select(const ResourceTable& table, api::Kind kind,
                                     std::string_view namespace_name, const api::StringMap& labels) {
  const ResourceTable::Resources& all = table.OfKind(kind);
  std::vector<api::ResourcePtr> selected;
  auto it = namespace_name.empty() ? all.begin() : all.lower_bound({std::string(namespace_name), ""});
  for (; it != all.end(); ++it) {
    if (!namespace_name.empty() && it->first.namespace_name != namespace_name) break;
    if (HasLabels(*it->second, labels)) selected.push_back(it->second);
  }
  return selected;
}

// The stored resource that a write is about, once the caller has proved to mean its present state.
absl::StatusOr<api::ResourcePtr> Current(const ChangeSet& changes, const api::Resource& resource) {
  const api::ObjectMeta& metadata = resource.metadata;
  api::ResourcePtr stored = changes.Find(IdOf(resource));
  if (stored == nullptr) return NotFound(resource.kind(), metadata.name);
  if (!metadata.uid.empty() && metadata.uid != stored->metadata.uid)
    return UidConflict(*stored, metadata.uid);
  if (!metadata.resource_version.empty() && metadata.resource_version != stored->metadata.resource_version) {
    return Conflict(resource.kind(), metadata.name);
  }
  return stored;
}

// What a client cannot change by an update.
void KeepSystemMetadata(api::ObjectMeta& metadata, const api::ObjectMeta& stored) {
  metadata.uid = stored.uid;
  metadata.resource_version = stored.resource_version;
  metadata.generation = stored.generation;
  metadata.creation_timestamp = stored.creation_timestamp;
  metadata.deletion_timestamp = stored.deletion_timestamp;
  metadata.deletion_grace_period_seconds = stored.deletion_grace_period_seconds;
}

absl::StatusOr<std::int64_t> ReadVersion(std::string_view text) {
  if (const std::optional<long long> version = ParseInt(text)) return *version;
  return absl::InvalidArgumentError(
      fmt::format("resourceVersion: Invalid value: \"{}\": must be a decimal number", text));
}

// The copy that callers hand in usually differs in the status alone; taking it saves copying a long status twice.
absl::StatusOr<api::ResourcePtr> UpdateStatusIn(ChangeSet& changes, const api::Resource& resource) {
  QALAM_ASSIGN_OR_RETURN(const api::ResourcePtr stored, Current(changes, resource));
  std::shared_ptr<api::Resource> updated = resource.Clone();
  updated->metadata = stored->metadata;
  if (!updated->SpecEquals(*stored)) {
    updated = stored->Clone();
    updated->CopyStatusFrom(resource);
  }
  if (!resource.metadata.resource_version.empty())
    updated->metadata.managed_fields = resource.metadata.managed_fields;
  if (updated->Equals(*stored)) return stored;
  return changes.Put(std::move(updated));
}

}  // namespace

EmbeddedResourceStore::EmbeddedResourceStore(Database& database, StoreSources sources, HistoryLimits history,
                                             StoredResources stored)
    : database_(database),
      sources_(std::move(sources)),
      deletions_(stored.past, history),
      table_(std::move(stored.table)),
      version_(stored.version),
      watches_(version_, history, std::move(stored.past)) {}

absl::StatusOr<std::unique_ptr<EmbeddedResourceStore>> EmbeddedResourceStore::Open(Database& database,
                                                                                   StoreSources sources,
                                                                                   HistoryLimits history) {
  QALAM_ASSIGN_OR_RETURN(StoredResources stored, LoadResources(database));
  return std::unique_ptr<EmbeddedResourceStore>(
      new EmbeddedResourceStore(database, std::move(sources), history, std::move(stored)));
}

absl::Time EmbeddedResourceStore::Now() const { return api::WholeSeconds(sources_.now()); }

absl::StatusOr<api::ResourcePtr> EmbeddedResourceStore::Get(api::Kind kind, const api::ObjectKey& key) const {
  std::shared_lock lock(state_mutex_);
  if (api::ResourcePtr found = table_.Find({kind, key})) return found;
  return NotFound(kind, key.name);
}

absl::StatusOr<api::ResourceList> EmbeddedResourceStore::List(api::Kind kind, std::string_view namespace_name,
                                                              const api::StringMap& labels) const {
  std::shared_lock lock(state_mutex_);
  return api::ResourceList{Select(table_, kind, namespace_name, labels), std::to_string(version_)};
}

absl::StatusOr<std::shared_ptr<api::Resource>> EmbeddedResourceStore::NamedCopy(
    const ChangeSet& changes, const api::Resource& resource) {
  std::shared_ptr<api::Resource> copy = resource.Clone();
  api::ObjectMeta& metadata = copy->metadata;
  const bool generate = metadata.name.empty() && !metadata.generate_name.empty();
  if (generate) metadata.name = GenerateName(metadata.generate_name, sources_.random);
  QALAM_RETURN_IF_ERROR(CheckMetadata(*copy));
  for (int attempt = 1; generate && attempt < kNameAttempts && changes.Find(IdOf(*copy)) != nullptr;
       ++attempt) {
    metadata.name = GenerateName(metadata.generate_name, sources_.random);
  }
  if (const api::ResourcePtr existing = changes.Find(IdOf(*copy))) return AlreadyExists(*existing);
  return copy;
}

absl::StatusOr<api::ResourcePtr> EmbeddedResourceStore::CreateIn(ChangeSet& changes,
                                                                 const api::Resource& resource) {
  QALAM_ASSIGN_OR_RETURN(std::shared_ptr<api::Resource> created, NamedCopy(changes, resource));
  created->CopyStatusFrom(*api::NewResource(resource.kind()));
  api::ObjectMeta& metadata = created->metadata;
  metadata.uid = GenerateUid(sources_.random);
  metadata.generation = 1;
  metadata.creation_timestamp = Now();
  metadata.deletion_timestamp.reset();
  metadata.deletion_grace_period_seconds.reset();
  const ResourceId id = IdOf(*created);
  StoreResource(changes, std::move(created), Now());
  return changes.LastState(id);
}

absl::StatusOr<api::ResourcePtr> EmbeddedResourceStore::Create(const api::Resource& resource) {
  return Write([&](ChangeSet& changes) { return CreateIn(changes, resource); });
}

std::vector<absl::StatusOr<api::ResourcePtr>> EmbeddedResourceStore::CreateAll(
    std::span<const api::ResourcePtr> resources) {
  std::vector<absl::StatusOr<api::ResourcePtr>> results;
  const absl::Status written = Write([&](ChangeSet& changes) -> absl::StatusOr<api::ResourcePtr> {
                                 for (const api::ResourcePtr& resource : resources)
                                   results.push_back(CreateIn(changes, *resource));
                                 return api::ResourcePtr();
                               }).status();
  for (auto& result : results) {
    if (result.ok() && !written.ok()) result = written;
  }
  return results;
}

absl::StatusOr<api::ResourcePtr> EmbeddedResourceStore::UpdateIn(ChangeSet& changes,
                                                                 const api::Resource& resource) const {
  QALAM_RETURN_IF_ERROR(CheckMetadata(resource));
  QALAM_ASSIGN_OR_RETURN(const api::ResourcePtr stored, Current(changes, resource));
  std::shared_ptr<api::Resource> updated = resource.Clone();
  updated->CopyStatusFrom(*stored);
  KeepSystemMetadata(updated->metadata, stored->metadata);
  if (stored->metadata.deletion_timestamp) QALAM_RETURN_IF_ERROR(CheckFinalizersOfDeleted(*updated, *stored));
  if (updated->Equals(*stored)) return stored;
  if (!updated->SpecEquals(*stored)) ++updated->metadata.generation;
  StoreResource(changes, std::move(updated), Now());
  return changes.LastState(IdOf(*stored));
}

absl::StatusOr<api::ResourcePtr> EmbeddedResourceStore::Update(const api::Resource& resource) {
  return Write([&](ChangeSet& changes) { return UpdateIn(changes, resource); });
}

absl::StatusOr<api::ResourcePtr> EmbeddedResourceStore::UpdateStatus(const api::Resource& resource) {
  return Write([&](ChangeSet& changes) { return UpdateStatusIn(changes, resource); });
}

absl::StatusOr<api::ResourcePtr> EmbeddedResourceStore::DeleteIn(ChangeSet& changes, const ResourceId& id,
                                                                 const Preconditions& preconditions,
                                                                 api::Propagation propagation) const {
  api::ResourcePtr stored = changes.Find(id);
  if (stored == nullptr) return NotFound(id.kind, id.key.name);
  const auto& [uid, resource_version] = preconditions;
  if (!uid.empty() && uid != stored->metadata.uid) return UidConflict(*stored, uid);
  if (!resource_version.empty() && resource_version != stored->metadata.resource_version)
    return VersionConflict(*stored, resource_version);
  DeleteResource(changes, *stored, propagation, Now());
  return stored;
}

absl::Status EmbeddedResourceStore::Delete(api::Kind kind, const api::ObjectKey& key, std::string_view uid,
                                           api::Propagation propagation, std::string_view resource_version) {
  return Write([&](ChangeSet& changes) {
           return DeleteIn(changes, {kind, key}, {uid, resource_version}, propagation);
         })
      .status();
}

absl::StatusOr<api::ResourcePtr> EmbeddedResourceStore::Rehearse(Edit edit) {
  std::lock_guard write_lock(write_mutex_);
  ChangeSet changes(table_, version_);
  return edit(changes);
}

absl::StatusOr<api::ResourcePtr> EmbeddedResourceStore::Write(Edit edit) {
  absl::StatusOr<api::ResourcePtr> result;
  {
    std::lock_guard write_lock(write_mutex_);
    ChangeSet changes(table_, version_);
    result = edit(changes);
    if (!result.ok() || changes.changes().empty()) return result;
    QALAM_RETURN_IF_ERROR(Commit(changes));
  }
  watches_.Deliver();
  return result;
}

absl::Status EmbeddedResourceStore::Commit(const ChangeSet& changes) {
  std::vector<std::string> json;
  std::vector<std::size_t> bytes;
  for (const Change& change : changes.changes()) {
    json.push_back(api::ToJson(*change.event.resource));
    bytes.push_back(json.back().size());
  }
  const absl::Status status = database_.Write([&](Connection& connection) {
    deletions_.Write(connection, changes.changes(), json);
    texts_.Write(connection, changes.changes(), json);
    return absl::OkStatus();
  });
  // To the store's callers a full disk is a store that cannot be written now.
  if (absl::IsResourceExhausted(status)) return absl::UnavailableError(status.message());
  QALAM_RETURN_IF_ERROR(status);
  deletions_.Keep(changes.changes(), bytes);
  texts_.Keep(changes.changes(), json);
  std::unique_lock state_lock(state_mutex_);
  for (const Change& change : changes.changes()) {
    if (change.event.type == api::WatchEventType::kDeleted) {
      table_.Erase(IdOf(*change.event.resource));
    } else {
      table_.Put(change.event.resource);
    }
  }
  version_ = changes.version();
  watches_.Publish(changes.changes(), bytes);
  return absl::OkStatus();
}

absl::StatusOr<api::Changes> EmbeddedResourceStore::ChangesSince(api::Kind kind,
                                                                 std::string_view namespace_name,
                                                                 std::string_view resource_version) const {
  QALAM_ASSIGN_OR_RETURN(const std::int64_t version, ReadVersion(resource_version));
  return watches_.Since(kind, namespace_name, version);
}

// Everything up to the commit.
class EmbeddedResourceStore::Rehearsal final : public api::ResourceStore {
 public:
  explicit Rehearsal(EmbeddedResourceStore& store) : store_(store) {}

  absl::StatusOr<api::ResourcePtr> Get(api::Kind kind, const api::ObjectKey& key) const override {
    return store_.Get(kind, key);
  }
  absl::StatusOr<api::ResourceList> List(api::Kind kind, std::string_view namespace_name,
                                         const api::StringMap& labels) const override {
    return store_.List(kind, namespace_name, labels);
  }
  absl::StatusOr<api::ResourcePtr> Create(const api::Resource& resource) override {
    return store_.Rehearse([&](ChangeSet& changes) { return store_.CreateIn(changes, resource); });
  }
  absl::StatusOr<api::ResourcePtr> Update(const api::Resource& resource) override {
    return store_.Rehearse([&](ChangeSet& changes) { return store_.UpdateIn(changes, resource); });
  }
  absl::StatusOr<api::ResourcePtr> UpdateStatus(const api::Resource& resource) override {
    return store_.Rehearse([&](ChangeSet& changes) { return UpdateStatusIn(changes, resource); });
  }
  absl::Status Delete(api::Kind kind, const api::ObjectKey& key, std::string_view uid,
                      api::Propagation propagation, std::string_view resource_version) override {
    return store_
        .Rehearse([&](ChangeSet& changes) {
          return store_.DeleteIn(changes, {kind, key}, {uid, resource_version}, propagation);
        })
        .status();
  }
  std::unique_ptr<api::ResourceStore> DryRun() override { return store_.DryRun(); }
  absl::StatusOr<api::Changes> ChangesSince(api::Kind kind, std::string_view namespace_name,
                                            std::string_view resource_version) const override {
    return store_.ChangesSince(kind, namespace_name, resource_version);
  }
  absl::StatusOr<std::unique_ptr<api::Watch>> WatchFrom(
      api::Kind kind, std::string_view namespace_name, std::string_view resource_version,
      std::function<void(const api::WatchEvent&)> on_event) override {
    return store_.WatchFrom(kind, namespace_name, resource_version, std::move(on_event));
  }

 private:
  EmbeddedResourceStore& store_;
};

std::unique_ptr<api::ResourceStore> EmbeddedResourceStore::DryRun() {
  return std::make_unique<Rehearsal>(*this);
}

absl::StatusOr<std::unique_ptr<api::Watch>> EmbeddedResourceStore::WatchFrom(
    api::Kind kind, std::string_view namespace_name, std::string_view resource_version,
    std::function<void(const api::WatchEvent&)> on_event) {
  std::unique_ptr<api::Watch> watch;
  if (resource_version.empty() || resource_version == "0") {
    std::shared_lock lock(state_mutex_);
    watch = watches_.SubscribeWith(Select(table_, kind, namespace_name, {}), kind, namespace_name,
                                   std::move(on_event));
  } else {
    QALAM_ASSIGN_OR_RETURN(const std::int64_t version, ReadVersion(resource_version));
    QALAM_ASSIGN_OR_RETURN(watch, watches_.Subscribe(kind, namespace_name, version, std::move(on_event)));
  }
  watches_.Deliver();
  return watch;
}

}  // namespace qalam::db
