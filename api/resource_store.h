// Where resources live. The reconcilers cannot tell whether it is the embedded database or a Kubernetes API
// server.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/resource.h"
#include "base/status.h"

namespace qalam::api {

struct ResourceList {
  std::vector<ResourcePtr> items;  // by namespace, then name
  std::string resource_version;    // a watch from here misses nothing
};

enum class WatchEventType { kAdded, kModified, kDeleted };

struct WatchEvent {
  WatchEventType type;
  ResourcePtr resource;  // for kDeleted the last state
  /// What was stored before. Null for kAdded, and where the store does not know it any more: then the event
  /// may stand for several changes, and the resource may have had any labels, spec and status in between;
  /// kind, namespace and name it had always.
  ResourcePtr previous = {};
};

/// What happened after some version, in order.
struct Changes {
  std::vector<WatchEvent> events;
  std::string resource_version;  // up to here that is everything
};

/// Ends when destroyed: the callback is not running and will not run again once the destructor has returned
/// (destroying it from inside the callback is allowed).
class Watch {
 public:
  virtual ~Watch() = default;
};

enum class Propagation { kBackground, kForeground, kOrphan };

/// Kubernetes semantics with optimistic concurrency.
///
/// Threads: all functions may be called concurrently. A write has reached the disk (or the server) when it
/// returns. Codes:   NOT_FOUND; ALREADY_EXISTS; ABORTED for a stale resource version ("the object has been
/// modified");
///          OUT_OF_RANGE for a watch from a compacted version; INVALID_ARGUMENT for bad metadata;
///          UNAVAILABLE when the store cannot be reached or written now (retry).
class ResourceStore {
 public:
  virtual ~ResourceStore() = default;

  virtual absl::StatusOr<ResourcePtr> Get(Kind kind, const ObjectKey& key) const = 0;

  /// All namespaces when `namespace_name` is empty. Only resources that carry every label of `labels`.
  virtual absl::StatusOr<ResourceList> List(Kind kind, std::string_view namespace_name,
                                            const StringMap& labels = {}) const = 0;

  /// Sets uid, creation timestamp, generation 1 and the resource version; fills the name from generateName.
  /// A status given is ignored.
  virtual absl::StatusOr<ResourcePtr> Create(const Resource& resource) = 0;

  /// Creates each as Create would, in one write where the store can. One that fails does not keep the others
  /// from being created. Results are in the order given.
  virtual std::vector<absl::StatusOr<ResourcePtr>> CreateAll(std::span<const ResourcePtr> resources) {
    std::vector<absl::StatusOr<ResourcePtr>> results;
    for (const ResourcePtr& resource : resources) results.push_back(Create(*resource));
    return results;
  }

  /// Replaces metadata and spec; the status is ignored. The resource version must be the current one; when it
  /// is empty the write is unconditional. A write that changes nothing keeps the resource version. When the
  /// deletion timestamp is set and the last finalizer goes, the resource goes too (the returned state is its
  /// last).
  virtual absl::StatusOr<ResourcePtr> Update(const Resource& resource) = 0;

  /// Replaces the status only; resource version as in Update. When one is given, metadata.managedFields are
  /// taken over, too.
  virtual absl::StatusOr<ResourcePtr> UpdateStatus(const Resource& resource) = 0;

  /// With finalizers: sets the deletion timestamp and waits for them. Dependants (by owner uid) follow as
  /// `propagation` says; a namespace goes after everything in it. `uid` and `resource_version`, when not
  /// empty, must match.
  virtual absl::Status Delete(Kind kind, const ObjectKey& key, std::string_view uid = {},
                              Propagation propagation = Propagation::kBackground,
                              std::string_view resource_version = {}) = 0;

  /// This store, with writes that are checked and answered as usual and change nothing. Does not outlive the
  /// store.
  virtual std::unique_ptr<ResourceStore> DryRun() = 0;

  /// What a watch from `resource_version` (which is not empty) would have been told by now. Codes as
  /// WatchFrom.
  virtual absl::StatusOr<Changes> ChangesSince(Kind kind, std::string_view namespace_name,
                                               std::string_view resource_version) const = 0;

  /// Calls `on_event`, from any thread but never concurrently, for every change after `resource_version`, in
  /// order. The past may be told in a shorter form that leads to the same state: a resource changed several
  /// times once, as kAdded or kModified, one that came and went not at all.
  virtual absl::StatusOr<std::unique_ptr<Watch>> WatchFrom(
      Kind kind, std::string_view namespace_name, std::string_view resource_version,
      std::function<void(const WatchEvent&)> on_event) = 0;
};

/// Get with the type known.
template <class T>
absl::StatusOr<std::shared_ptr<const T>> Get(const ResourceStore& store, const ObjectKey& key) {
  QALAM_ASSIGN_OR_RETURN(ResourcePtr resource, store.Get(T::kKind, key));
  return std::static_pointer_cast<const T>(resource);
}

}  // namespace qalam::api
