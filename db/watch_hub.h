// The recent past of the resource store, and those who follow it. Internal to this room.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/resource_store.h"
#include "db/resource_table.h"

namespace qalam::db {

/// How much of the past is kept for watches that begin there: every change in memory, deletions also in the
/// file. A change larger than `bytes` is kept as long as it is the last.
struct HistoryLimits {
  std::size_t changes = 10'000;
  std::size_t bytes = 16 << 20;  // of JSON text
};

/// What is known of a resource that changed before the store was opened: its last state, or that it was
/// deleted.
struct RememberedChange {
  Change change;
  std::size_t bytes;     // of JSON text
  std::int64_t created;  // the version in which the resource came
};

/// The past before the store was opened.
struct RememberedPast {
  std::int64_t begin = 0;  // everything after this version is there
  std::vector<RememberedChange> changes;
};

/// Publish and Subscribe put events into each watch's own queue, in order; Deliver hands them out on the
/// calling thread, with no lock held, so that a callback may call the store or the hub. Per watch one thread
/// delivers at a time: a second one that comes by leaves its events to the first.
///
/// Threads: all functions may be called concurrently.
class WatchHub {
 public:
  using Callback = std::function<void(const api::WatchEvent&)>;

  /// `version` is that of the last change.
  WatchHub(std::int64_t version, HistoryLimits limits, RememberedPast past);
  /// The past begins at `version`.
  WatchHub(std::int64_t version, HistoryLimits limits) : WatchHub(version, limits, {version, {}}) {}
  ~WatchHub();

  /// `bytes[i]` is the size of `changes[i]` for the limits. Calls are in the order of versions.
  void Publish(std::span<const Change> changes, std::span<const std::size_t> bytes);

  /// Everything after `version` up to the last version published. OUT_OF_RANGE as Subscribe.
  absl::StatusOr<api::Changes> Since(api::Kind kind, std::string_view namespace_name,
                                     std::int64_t version) const;

  /// Everything after `version`. OUT_OF_RANGE when that is no longer kept, or still to come.
  absl::StatusOr<std::unique_ptr<api::Watch>> Subscribe(api::Kind kind, std::string_view namespace_name,
                                                        std::int64_t version, Callback on_event);

  /// `present` as kAdded first, then everything after the last version published.
  std::unique_ptr<api::Watch> SubscribeWith(std::span<const api::ResourcePtr> present, api::Kind kind,
                                            std::string_view namespace_name, Callback on_event);

  /// Hands out what is queued, for all watches.
  void Deliver();

 private:
  class Subscriber;
  class Handle;
  struct Past {
    Change change;
    std::size_t bytes;
    std::optional<std::int64_t> created;  // of a remembered change

    /// What to tell who knows everything up to `version`.
    std::optional<api::WatchEvent> EventSince(std::int64_t version) const;
  };

  std::unique_ptr<api::Watch> Add(std::shared_ptr<Subscriber> subscriber);
  absl::StatusOr<std::vector<api::WatchEvent>> EventsSince(api::Kind kind, std::string_view namespace_name,
                                                           std::int64_t version) const;
  void Forget();

  const HistoryLimits limits_;
  mutable std::mutex mutex_;  // never held while a subscriber's callback runs
  std::deque<Past> past_;     // by version
  std::size_t past_bytes_ = 0;
  std::int64_t compacted_;  // the version before the oldest change that is kept
  std::int64_t latest_;
  std::vector<std::weak_ptr<Subscriber>> subscribers_;
};

}  // namespace qalam::db
