#include "db/watch_hub.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <thread>

namespace qalam::db {
namespace {

bool Concerns(const api::WatchEvent& event, api::Kind kind, std::string_view namespace_name) {
  return event.resource->kind() == kind &&
         (namespace_name.empty() || event.resource->metadata.namespace_name == namespace_name);
}

}  // namespace

class WatchHub::Subscriber {
 public:
  Subscriber(api::Kind kind, std::string_view namespace_name, Callback on_event)
      : kind_(kind), namespace_(namespace_name), on_event_(std::move(on_event)) {}

  void Offer(const api::WatchEvent& event) {
    if (!Concerns(event, kind_, namespace_)) return;
    std::lock_guard lock(mutex_);
    if (!closed_) queue_.push_back(event);
  }

  void Deliver() {
    std::unique_lock lock(mutex_);
    if (delivering_) return;
    while (!queue_.empty()) {
      const api::WatchEvent event = std::move(queue_.front());
      queue_.pop_front();
      delivering_ = true;
      deliverer_ = std::this_thread::get_id();
      lock.unlock();
      on_event_(event);
      lock.lock();
      delivering_ = false;
    }
    idle_.notify_all();
  }

  void Close() {
    Callback last_words;  // destroyed here, without the lock, unless its own call is still on the stack
    std::unique_lock lock(mutex_);
    closed_ = true;
    queue_.clear();
    if (delivering_ && deliverer_ == std::this_thread::get_id()) return;
    idle_.wait(lock, [&] { return !delivering_; });
    last_words.swap(on_event_);
    lock.unlock();
  }

 private:
  const api::Kind kind_;
  const std::string namespace_;
  Callback on_event_;
  std::mutex mutex_;
  std::condition_variable idle_;
  std::deque<api::WatchEvent> queue_;
  bool closed_ = false;
  bool delivering_ = false;
  std::thread::id deliverer_;
};

class WatchHub::Handle final : public api::Watch {
 public:
  explicit Handle(std::shared_ptr<Subscriber> subscriber) : subscriber_(std::move(subscriber)) {}
  ~Handle() override { subscriber_->Close(); }

 private:
  std::shared_ptr<Subscriber> subscriber_;
};

// Of an object that came and went nobody needs to hear; of one that came and changed, that it is there.
std::optional<api::WatchEvent> WatchHub::Past::EventSince(std::int64_t version) const {
  api::WatchEvent event = change.event;
  if (!created) return event;
  const bool known = *created <= version;
  if (event.type != api::WatchEventType::kDeleted) {
    event.type = known ? api::WatchEventType::kModified : api::WatchEventType::kAdded;
  } else if (!known) {
    return std::nullopt;
  }
  return event;
}

WatchHub::WatchHub(std::int64_t version, HistoryLimits limits, RememberedPast past)
    : limits_(limits), compacted_(past.begin), latest_(version) {
  std::sort(past.changes.begin(), past.changes.end(),
            [](const auto& a, const auto& b) { return a.change.version < b.change.version; });
  for (RememberedChange& remembered : past.changes) {
    if (remembered.change.version <= past.begin) continue;
    past_bytes_ += remembered.bytes;
    past_.push_back({std::move(remembered.change), remembered.bytes, remembered.created});
  }
  Forget();
}

WatchHub::~WatchHub() = default;

void WatchHub::Publish(std::span<const Change> changes, std::span<const std::size_t> bytes) {
  std::lock_guard lock(mutex_);
  std::erase_if(subscribers_, [](const auto& subscriber) { return subscriber.expired(); });
  for (size_t i = 0; i < changes.size(); ++i) {
    for (const auto& weak : subscribers_) {
      if (const auto subscriber = weak.lock()) subscriber->Offer(changes[i].event);
    }
    past_.push_back({changes[i], bytes[i], std::nullopt});
    past_bytes_ += bytes[i];
    latest_ = changes[i].version;
  }
  Forget();
}

void WatchHub::Forget() {
  while (past_.size() > 1 && (past_.size() > limits_.changes || past_bytes_ > limits_.bytes)) {
    compacted_ = past_.front().change.version;
    past_bytes_ -= past_.front().bytes;
    past_.pop_front();
  }
}

absl::StatusOr<std::vector<api::WatchEvent>> WatchHub::EventsSince(api::Kind kind,
                                                                   std::string_view namespace_name,
                                                                   std::int64_t version) const {
  if (version < compacted_) {
    return absl::OutOfRangeError(fmt::format(
        "too old resource version: {} (changes are kept from {} on); list again and watch from there",
        version, compacted_));
  }
  if (version > latest_) {
    return absl::OutOfRangeError(
        fmt::format("too large resource version: {} (the latest is {}); list again and watch from there",
                    version, latest_));
  }
  std::vector<api::WatchEvent> events;
  auto it = std::upper_bound(past_.begin(), past_.end(), version,
                             [](std::int64_t v, const Past& past) { return v < past.change.version; });
  for (; it != past_.end(); ++it) {
    if (!Concerns(it->change.event, kind, namespace_name)) continue;
    if (std::optional<api::WatchEvent> event = it->EventSince(version)) events.push_back(*std::move(event));
  }
  return events;
}

absl::StatusOr<api::Changes> WatchHub::Since(api::Kind kind, std::string_view namespace_name,
                                             std::int64_t version) const {
  std::lock_guard lock(mutex_);
  QALAM_ASSIGN_OR_RETURN(std::vector<api::WatchEvent> events, EventsSince(kind, namespace_name, version));
  return api::Changes{std::move(events), std::to_string(latest_)};
}

absl::StatusOr<std::unique_ptr<api::Watch>> WatchHub::Subscribe(api::Kind kind,
                                                                std::string_view namespace_name,
                                                                std::int64_t version, Callback on_event) {
  auto subscriber = std::make_shared<Subscriber>(kind, namespace_name, std::move(on_event));
  std::lock_guard lock(mutex_);
  QALAM_ASSIGN_OR_RETURN(const std::vector<api::WatchEvent> events,
                         EventsSince(kind, namespace_name, version));
  for (const api::WatchEvent& event : events) subscriber->Offer(event);
  return Add(std::move(subscriber));
}

std::unique_ptr<api::Watch> WatchHub::SubscribeWith(std::span<const api::ResourcePtr> present, api::Kind kind,
                                                    std::string_view namespace_name, Callback on_event) {
  auto subscriber = std::make_shared<Subscriber>(kind, namespace_name, std::move(on_event));
  for (const api::ResourcePtr& resource : present) subscriber->Offer({api::WatchEventType::kAdded, resource});
  std::lock_guard lock(mutex_);
  return Add(std::move(subscriber));
}

std::unique_ptr<api::Watch> WatchHub::Add(std::shared_ptr<Subscriber> subscriber) {
  subscribers_.push_back(subscriber);
  return std::make_unique<Handle>(std::move(subscriber));
}

void WatchHub::Deliver() {
  std::vector<std::shared_ptr<Subscriber>> subscribers;
  {
    std::lock_guard lock(mutex_);
    for (const auto& weak : subscribers_) {
      if (auto subscriber = weak.lock()) subscribers.push_back(std::move(subscriber));
    }
  }
  for (const auto& subscriber : subscribers) subscriber->Deliver();
}

}  // namespace qalam::db
