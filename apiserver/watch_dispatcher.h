// Who hands changes of the store to the watches. Internal to this room.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "api/resource_store.h"
#include "apiserver/watch_lines.h"
#include "apiserver/watch_service.h"
#include "http/exchange.h"

namespace qalam::apiserver {

/// A client that has been told everything up to `told`, and since it has joined its feed what that has told.
struct Watcher {
  std::shared_ptr<http::ResponseStream> stream;
  Selection selection;
  ObjectFormat format;
  bool bookmarks = false;
  std::int64_t told = 0;
  std::chrono::steady_clock::time_point end;

  std::chrono::steady_clock::time_point next_bookmark = {};
  std::size_t place = kNowhere;  // among the watchers of its feed
  static constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);
};

/// Everything is done by one thread; others only leave messages. So nobody waits for a client or a rendering,
/// and the order of a stream is that of the messages.
///
/// Threads: Join and Leave may be called from any.
class WatchService::Dispatcher {
 public:
  Dispatcher(api::ResourceStore& store, WatchSettings settings);
  ~Dispatcher() = default;  // after End
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;

  /// Ends the streams; the store is not used any more once it returns.
  void End();

  void Join(std::shared_ptr<Watcher> watcher);
  void Leave(std::shared_ptr<Watcher> watcher);

  api::ResourceStore& store() const { return store_; }
  const WatchSettings& settings() const { return settings_; }

 private:
  using TimePoint = std::chrono::steady_clock::time_point;

  struct Waiting {
    std::int64_t version;
    WatchLines lines;
  };
  /// All watchers of a kind have been told everything up to `told`, but for what is waiting.
  struct Feed {
    std::int64_t told = 0;
    std::vector<Waiting> waiting;  // to be told next, to those who do not know it yet
    std::vector<std::shared_ptr<Watcher>> watchers;
    std::unique_ptr<api::Watch> subscription;
  };
  struct Joining {
    std::shared_ptr<Watcher> watcher;
  };
  struct Leaving {
    std::shared_ptr<Watcher> watcher;
  };
  using Message = std::variant<api::WatchEvent, Joining, Leaving>;

  void Post(Message message);
  void Run();
  bool Receive(std::vector<Message>& messages);

  void Handle(const api::WatchEvent& event);
  void Handle(const Joining& joining);
  void Handle(const Leaving& leaving);

  absl::StatusOr<Feed*> FeedOf(api::Kind kind);
  absl::Status CatchUp(Feed& feed, api::Kind kind);
  absl::Status CatchUp(Watcher& watcher, std::int64_t from);
  void Tell(Feed& feed);
  void Remove(const std::shared_ptr<Watcher>& watcher);
  void EndWith(Watcher& watcher, const absl::Status& failure);

  void Schedule(const std::shared_ptr<Watcher>& watcher);
  void RunTimers();
  void SendBookmark(const std::shared_ptr<Watcher>& watcher);

  api::ResourceStore& store_;
  const WatchSettings settings_;
  std::map<api::Kind, Feed> feeds_;
  std::set<std::pair<TimePoint, std::shared_ptr<Watcher>>> timers_;  // one for each watcher
  std::size_t watchers_told_ = 0;                                    // since the last rest

  std::mutex mutex_;  // guards what follows
  std::condition_variable posted_;
  std::vector<Message> messages_;
  bool ending_ = false;

  std::thread thread_;
};

}  // namespace qalam::apiserver
