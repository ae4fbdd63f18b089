// The controller's own view of the resources: listed once, then kept current by a watch.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "api/resource_store.h"
#include "base/event_loop.h"

namespace qalam::controller {

/// All resources of one kind, as the reconcilers see them. Results of the controller's own writes are put in at once
/// (`Put`), so that a pass sees what the pass before has written.
///
/// Threads: the event loop's thread only.
class ResourceCache {
 public:
  using ChangeHandler = std::function<void(const api::ResourcePtr& resource, bool deleted)>;

  ResourceCache(EventLoop& loop, api::ResourceStore& store, api::Kind kind);
  ~ResourceCache();

  /// Lists, then watches; when the watch has been compacted away it lists again. The handler hears of every resource
  /// once at the start and of every change after. Errors of the first list are returned, later ones retried.
  absl::Status Start(ChangeHandler on_change);

  /// Null when there is none.
  api::ResourcePtr Find(const api::ObjectKey& key) const;

  template <class T>
  std::shared_ptr<const T> Find(const api::ObjectKey& key) const {
    return std::static_pointer_cast<const T>(Find(key));
  }

  /// Takes over a resource as the store returned it from a write, unless the cache has a newer one.
  void Put(const api::ResourcePtr& resource);

  const std::map<api::ObjectKey, api::ResourcePtr>& items() const { return items_; }

 private:
  absl::Status ListAndWatch();
  void Apply(const api::WatchEvent& event);
  void Remove(const api::ObjectKey& key);

  EventLoop& loop_;
  api::ResourceStore& store_;
  const api::Kind kind_;
  ChangeHandler on_change_;
  std::map<api::ObjectKey, api::ResourcePtr> items_;
  std::unique_ptr<api::Watch> watch_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace qalam::controller
