// Watches: changes of a selection, as a stream of JSON lines.
#pragma once

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
  bool send_initial_events =
      false;  // begin with what there is and a bookmark that says so (needs bookmarks and NotOlderThan)
  std::optional<absl::Duration> timeout;  // timeoutSeconds; none: from 30 to 60 minutes
  ObjectFormat format;
};

/// Threads: Watch may be called concurrently.
class WatchService {
 public:
  /// `store` outlives the service.
  explicit WatchService(api::ResourceStore& store);
  ~WatchService();  // ends all watches

  /// Answers with the stream, or with Failure 410 Expired when the version is no longer kept. An object that leaves the selection
  /// is told as DELETED, one that enters as ADDED.
  void Watch(std::shared_ptr<http::Exchange> exchange, Selection selection, WatchOptions options);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace qalam::apiserver
