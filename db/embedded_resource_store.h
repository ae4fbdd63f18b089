// The resource store in the same SQLite file as the observation log.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "api/resource_store.h"
#include "db/database.h"
#include "db/deletion_rows.h"
#include "db/resource_rows.h"
#include "db/resource_table.h"
#include "db/resource_texts.h"
#include "db/watch_hub.h"

namespace qalam::db {

/// Both are called by one thread at a time.
struct StoreSources {
  std::function<absl::Time()> now;        // timestamps; cut to whole seconds
  std::function<std::uint64_t()> random;  // uniform 64 bits, different in every process: names and uids
};

/// Kubernetes semantics over a table in memory; every write is on disk before anyone sees it.
///
/// Cost:     Get and List touch no file. A write is one commit: some 30 us, and 5 us per KB of JSON.
/// Versions: one decimal counter for all kinds that grows with every change, over restarts too. A deletion
///           has one.
/// Watches:  callbacks run on the thread whose write (or WatchFrom) caused them, before that call returns,
///           unless another thread is in the middle of delivering to the same watch and takes them along.
///           They should be short, and may call the store. From "" or "0" a watch begins with the present
///           resources as kAdded.
/// Past:     kept as HistoryLimits says, over restarts in its shortest form: each resource that changed
///           once, with its previous state unknown.
/// Deletion: dependants are deleted, orphaned or marked in the same commit as their owner.
/// Codes:    as ResourceStore; UNAVAILABLE also when the disk is full. ABORTED when a uid does not match.
///           DATA_LOSS from Open for a row that cannot be read. PERMISSION_DENIED for writes when the
///           database is open read-only; the store then shows the state at the time of Open, without a past
///           and without kinds that it does not know.
class EmbeddedResourceStore final : public api::ResourceStore {
 public:
  /// Loads everything. `database` outlives the store; one store per database.
  static absl::StatusOr<std::unique_ptr<EmbeddedResourceStore>> Open(Database& database, StoreSources sources,
                                                                     HistoryLimits history = {});

  absl::StatusOr<api::ResourcePtr> Get(api::Kind kind, const api::ObjectKey& key) const override;
  absl::StatusOr<api::ResourceList> List(api::Kind kind, std::string_view namespace_name,
                                         const api::StringMap& labels = {}) const override;
  absl::StatusOr<api::ResourcePtr> Create(const api::Resource& resource) override;
  std::vector<absl::StatusOr<api::ResourcePtr>> CreateAll(
      std::span<const api::ResourcePtr> resources) override;
  absl::StatusOr<api::ResourcePtr> Update(const api::Resource& resource) override;
  absl::StatusOr<api::ResourcePtr> UpdateStatus(const api::Resource& resource) override;
  absl::Status Delete(api::Kind kind, const api::ObjectKey& key, std::string_view uid = {},
                      api::Propagation propagation = api::Propagation::kBackground,
                      std::string_view resource_version = {}) override;
  std::unique_ptr<api::ResourceStore> DryRun() override;
  absl::StatusOr<api::Changes> ChangesSince(api::Kind kind, std::string_view namespace_name,
                                            std::string_view resource_version) const override;
  absl::StatusOr<std::unique_ptr<api::Watch>> WatchFrom(
      api::Kind kind, std::string_view namespace_name, std::string_view resource_version,
      std::function<void(const api::WatchEvent&)> on_event) override;

 private:
  struct Preconditions {
    std::string_view uid, resource_version;  // empty: any
  };
  /// Looks at the state through the set, puts its changes there, returns the state to hand out.
  using Edit = absl::FunctionRef<absl::StatusOr<api::ResourcePtr>(ChangeSet&)>;

  EmbeddedResourceStore(Database& database, StoreSources sources, HistoryLimits history,
                        StoredResources stored);

  class Rehearsal;

  absl::StatusOr<api::ResourcePtr> Write(Edit edit);
  absl::StatusOr<api::ResourcePtr> Rehearse(Edit edit);
  absl::Status Commit(const ChangeSet& changes);
  absl::StatusOr<std::shared_ptr<api::Resource>> NamedCopy(const ChangeSet& changes,
                                                           const api::Resource& resource);
  absl::StatusOr<api::ResourcePtr> CreateIn(ChangeSet& changes, const api::Resource& resource);
  absl::StatusOr<api::ResourcePtr> UpdateIn(ChangeSet& changes, const api::Resource& resource) const;
  absl::StatusOr<api::ResourcePtr> DeleteIn(ChangeSet& changes, const ResourceId& id,
                                            const Preconditions& preconditions,
                                            api::Propagation propagation) const;
  absl::Time Now() const;

  Database& database_;
  const StoreSources sources_;
  std::mutex write_mutex_;                 // one write at a time, from looking to publishing
  ResourceTexts texts_;                    // guarded by it
  DeletionRows deletions_;                 // guarded by it
  mutable std::shared_mutex state_mutex_;  // table_ and version_; written under both
  ResourceTable table_;
  std::int64_t version_;
  WatchHub watches_;
};

}  // namespace qalam::db
