// Reading objects: one, or pages of a list.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "api/resource_store.h"
#include "apiserver/object_format.h"
#include "apiserver/request_info.h"
#include "apiserver/selection.h"
#include "base/status.h"
#include "http/message.h"

namespace qalam::apiserver {

/// The key of the object that a request names.
api::ObjectKey KeyOf(const ResourceType& type, const RequestInfo& info);

/// Failure 404 in Kubernetes' words: experiments.kubeflow.org "x" not found.
absl::Status NotFound(const ResourceType& type, std::string_view name);

/// The stored resource that shows as the object of that key. Failure 404 when there is none.
absl::StatusOr<api::ResourcePtr> FindObject(const api::ResourceStore& store, const ResourceType& type,
                                            const api::ObjectKey& key);

/// The selection of a list, a watch or a deletion of many, from the query. Failure 400 for selectors that
/// cannot be read.
absl::StatusOr<Selection> ReadSelection(const ResourceType& type, const RequestInfo& info,
                                        const http::Request& request);

/// Checks resourceVersion against what there is: Failure 400 for text that is no version, 504 with the cause
/// ResourceVersionTooLarge for one still to come. "" and "0" are always fine.
absl::Status CheckReached(const api::ResourceStore& store, std::string_view resource_version);
absl::Status CheckReached(std::string_view resource_version, std::string_view current);

struct ListPage {
  std::vector<api::ResourcePtr> items;
  ListMetadata metadata;
};

/// Lists, with limit and continue. What the first page saw is kept for the pages after it, so that together
/// they are one consistent list; 32 lists at a time and five minutes at most. After that Failure 410 comes
/// with a token that goes on with the objects as they are then.
///
/// Threads: List may be called concurrently.
class ObjectLists {
 public:
  ObjectLists(const api::ResourceStore& store, std::function<absl::Time()> now)
      : store_(store), now_(std::move(now)) {}

  /// By the query: labelSelector, fieldSelector, limit, continue, resourceVersion, resourceVersionMatch.
  absl::StatusOr<ListPage> List(const ResourceType& type, const RequestInfo& info,
                                const http::Request& request);

 private:
  struct Snapshot {
    api::Kind kind;
    std::string namespace_name;
    std::shared_ptr<const api::ResourceList> list;
    absl::Time until;
  };
  using ListPtr = std::shared_ptr<const api::ResourceList>;

  ListPtr Kept(api::Kind kind, std::string_view namespace_name, std::string_view resource_version);
  void Keep(api::Kind kind, std::string_view namespace_name, ListPtr list);

  const api::ResourceStore& store_;
  const std::function<absl::Time()> now_;
  std::mutex mutex_;
  std::list<Snapshot> kept_;  // oldest first
};

}  // namespace qalam::apiserver
