// Watches: changes of a selection, as a stream of JSON lines.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "api/resource_store.h"
#include "apiserver/object_format.h"
#include "apiserver/selection.h"
#include "http/exchange.h"

namespace qalam::apiserver {

struct WatchOptions {
  std::string resource_version;  // "": begin with what there is; "0" likewise
  bool bookmarks = false;        // allowWatchBookmarks
  /// Begin with what there is, not older than `resource_version`, and a bookmark that says so (needs
  /// bookmarks).
  bool send_initial_events = false;
  std::optional<absl::Duration> timeout;  // timeoutSeconds; none: from 30 to 60 minutes
  ObjectFormat format;
};

struct WatchSettings {
  std::function<absl::Time()> now = absl::Now;       // for the ages of tables
  absl::Duration bookmark_every = absl::Minutes(1);  // of a watch with bookmarks
};

/// One subscription to the store for each kind, and one thread that renders each change once per format and
/// hands it to all watches that see it, so that a thousand watches cost the writer of a resource no more than
/// one.
///
/// Threads: Watch may be called concurrently.
class WatchService {
 public:
  /// `store` outlives the service.
  explicit WatchService(api::ResourceStore& store, WatchSettings settings = {});
  ~WatchService();  // ends all watches

  /// Answers with the stream, or with Failure: 410 Expired for a version that is no longer kept, 400
  /// BadRequest for one that is no number. Watches what the store stores, so versions are numbers that grow.
  /// Every change is told once, in order; what enters the selection is ADDED, what leaves it is DELETED
  /// (watch_lines.h says what holds after a restart). Ends with an ERROR event 410 if the store forgot
  /// changes that were still to be told.
  void Watch(std::shared_ptr<http::Exchange> exchange, Selection selection, WatchOptions options);

 private:
  class Dispatcher;
  std::shared_ptr<Dispatcher> dispatcher_;
};

}  // namespace qalam::apiserver
