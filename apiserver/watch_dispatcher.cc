#include "apiserver/watch_dispatcher.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "apiserver/failure.h"
#include "base/number_text.h"

namespace qalam::apiserver {
namespace {

// Changes are gathered for a while that grows with the number of clients told: who is sent two in one piece
// costs little more than who is sent one, and a thousand clients would take all there is.
constexpr auto kRestPerWatcher = std::chrono::microseconds(40);
constexpr auto kLongestRest = std::chrono::milliseconds(40);

std::int64_t VersionOf(std::string_view text) { return ParseInt(text).value_or(0); }

std::int64_t VersionOf(const api::WatchEvent& event) {
  return VersionOf(event.resource->metadata.resource_version);
}

void Tell(Watcher& watcher, WatchLines& lines) {
  lines.For(watcher.selection, watcher.format,
            [&](const WatchLines::Line& line) { watcher.stream->Write(line); });
}

}  // namespace

WatchService::Dispatcher::Dispatcher(api::ResourceStore& store, WatchSettings settings)
    : store_(store), settings_(std::move(settings)), thread_([this] { Run(); }) {}

void WatchService::Dispatcher::End() {
  {
    std::lock_guard lock(mutex_);
    ending_ = true;
  }
  posted_.notify_one();
  thread_.join();
  for (auto& [kind, feed] : feeds_) {
    feed.subscription.reset();
    for (const auto& watcher : feed.watchers) watcher->stream->End();
  }
  for (const Message& message : messages_) {
    if (const auto* joining = std::get_if<Joining>(&message)) joining->watcher->stream->End();
  }
}

void WatchService::Dispatcher::Join(std::shared_ptr<Watcher> watcher) { Post(Joining{std::move(watcher)}); }
void WatchService::Dispatcher::Leave(std::shared_ptr<Watcher> watcher) { Post(Leaving{std::move(watcher)}); }

void WatchService::Dispatcher::Post(Message message) {
  {
    std::lock_guard lock(mutex_);
    messages_.push_back(std::move(message));
  }
  posted_.notify_one();
}

void WatchService::Dispatcher::Run() {
  std::vector<Message> messages;
  while (Receive(messages)) {
    for (const Message& message : messages) {
      std::visit([this](const auto& content) { Handle(content); }, message);
    }
    messages.clear();
    for (auto& [kind, feed] : feeds_) Tell(feed);
    RunTimers();
  }
}

bool WatchService::Dispatcher::Receive(std::vector<Message>& messages) {
  std::unique_lock lock(mutex_);
  const auto rest =
      std::min<std::chrono::microseconds>(std::exchange(watchers_told_, 0) * kRestPerWatcher, kLongestRest);
  posted_.wait_for(lock, rest, [&] { return ending_; });
  const auto due = [&] { return ending_ || !messages_.empty(); };
  if (timers_.empty()) {
    posted_.wait(lock, due);
  } else {
    posted_.wait_until(lock, timers_.begin()->first, due);
  }
  if (ending_) return false;
  messages.swap(messages_);
  return true;
}

void WatchService::Dispatcher::Handle(const api::WatchEvent& event) {
  Feed& feed = feeds_[event.resource->kind()];
  const std::int64_t version = VersionOf(event);
  if (version <= feed.told) return;
  feed.waiting.push_back({version, WatchLines(event, settings_.now())});
  feed.told = version;
}

void WatchService::Dispatcher::Handle(const Joining& joining) {
  const std::shared_ptr<Watcher>& watcher = joining.watcher;
  const api::Kind kind = watcher->selection.type->stored;
  const absl::StatusOr<Feed*> feed = FeedOf(kind);
  absl::Status status = feed.status();
  if (status.ok()) status = CatchUp(*watcher, watcher->told);
  if (!status.ok()) {
    EndWith(*watcher, status);
    return;
  }
  watcher->place = (*feed)->watchers.size();
  (*feed)->watchers.push_back(watcher);
  watcher->next_bookmark =
      std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(settings_.bookmark_every);
  Schedule(watcher);
}

void WatchService::Dispatcher::Handle(const Leaving& leaving) { Remove(leaving.watcher); }

absl::StatusOr<WatchService::Dispatcher::Feed*> WatchService::Dispatcher::FeedOf(api::Kind kind) {
  Feed& feed = feeds_[kind];
  if (feed.subscription != nullptr) return &feed;
  QALAM_ASSIGN_OR_RETURN(const api::ResourceList list, store_.List(kind, ""));
  QALAM_ASSIGN_OR_RETURN(feed.subscription,
                         store_.WatchFrom(kind, "", list.resource_version,
                                          [this](const api::WatchEvent& event) { Post(event); }));
  feed.told = VersionOf(list.resource_version);
  return &feed;
}

// What the subscription has not delivered yet is taken from the store's past, which ends at one version for
// all.
absl::Status WatchService::Dispatcher::CatchUp(Feed& feed, api::Kind kind) {
  QALAM_ASSIGN_OR_RETURN(const api::Changes changes,
                         store_.ChangesSince(kind, "", std::to_string(feed.told)));
  for (const api::WatchEvent& event : changes.events) {
    feed.waiting.push_back({VersionOf(event), WatchLines(event, settings_.now())});
  }
  feed.told = std::max(feed.told, VersionOf(changes.resource_version));
  Tell(feed);
  return absl::OkStatus();
}

// Not from the feed's version: the feed of a kind that nobody changes is told nothing, so its version may be
// older than what the store remembers, without anything having been missed.
absl::Status WatchService::Dispatcher::CatchUp(Watcher& watcher, std::int64_t from) {
  QALAM_ASSIGN_OR_RETURN(const api::Changes changes,
                         store_.ChangesSince(watcher.selection.type->stored, "", std::to_string(from)));
  for (const api::WatchEvent& event : changes.events) {
    WatchLines lines(event, settings_.now());
    apiserver::Tell(watcher, lines);
  }
  watcher.told = std::max(from, VersionOf(changes.resource_version));
  return absl::OkStatus();
}

void WatchService::Dispatcher::Tell(Feed& feed) {
  if (feed.waiting.empty()) return;
  for (const auto& watcher : feed.watchers) {
    for (Waiting& waiting : feed.waiting) {
      if (waiting.version > watcher->told) apiserver::Tell(*watcher, waiting.lines);
    }
  }
  feed.waiting.clear();
  watchers_told_ += feed.watchers.size();
}

void WatchService::Dispatcher::Remove(const std::shared_ptr<Watcher>& watcher) {
  if (watcher->place == Watcher::kNowhere) return;
  auto& watchers = feeds_[watcher->selection.type->stored].watchers;
  timers_.erase({std::min(watcher->end, watcher->next_bookmark), watcher});
  watchers[watcher->place] = watchers.back();
  watchers[watcher->place]->place = watcher->place;
  watchers.pop_back();
  watcher->place = Watcher::kNowhere;
}

void WatchService::Dispatcher::EndWith(Watcher& watcher, const absl::Status& failure) {
  watcher.stream->Write(ErrorLine(WatchFailure(*watcher.selection.type, failure)));
  watcher.stream->End();
}

void WatchService::Dispatcher::Schedule(const std::shared_ptr<Watcher>& watcher) {
  if (!watcher->bookmarks) watcher->next_bookmark = watcher->end;
  timers_.emplace(std::min(watcher->end, watcher->next_bookmark), watcher);
}

void WatchService::Dispatcher::RunTimers() {
  const TimePoint now = std::chrono::steady_clock::now();
  while (!timers_.empty() && timers_.begin()->first <= now) {
    const std::shared_ptr<Watcher> watcher = timers_.begin()->second;
    if (watcher->end <= now) {
      Remove(watcher);
      watcher->stream->End();
    } else {
      SendBookmark(watcher);
    }
  }
}

void WatchService::Dispatcher::SendBookmark(const std::shared_ptr<Watcher>& watcher) {
  timers_.erase(timers_.begin());
  watcher->next_bookmark += absl::ToChronoNanoseconds(settings_.bookmark_every);
  Schedule(watcher);
  const ResourceType& type = *watcher->selection.type;
  Feed& feed = feeds_[type.stored];
  // Without this the version would be that of the kind's last change, and grow too old while others change.
  if (!CatchUp(feed, type.stored).ok() && !CatchUp(*watcher, std::max(feed.told, watcher->told)).ok()) return;
  watcher->stream->Write(BookmarkLine(type, std::to_string(std::max(feed.told, watcher->told)),
                                      watcher->format, /*initial_events_end=*/false));
}

}  // namespace qalam::apiserver
