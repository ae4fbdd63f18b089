// An event loop whose time stands still until the test moves it.
#pragma once

#include <deque>
#include <map>

#include "base/event_loop.h"

namespace qalam {

/// Runs nothing by itself: `RunReady` and `Advance` do. One thread.
class FakeEventLoop final : public EventLoop {
 public:
  explicit FakeEventLoop(absl::Time now = absl::FromUnixSeconds(1'800'000'000)) : now_(now) {}

  void Post(Task task) override { ready_.push_back(std::move(task)); }

  TimerId PostAfter(absl::Duration delay, Task task) override {
    timers_.emplace(std::pair(now_ + std::max(delay, absl::ZeroDuration()), next_), std::move(task));
    return next_++;
  }

  void Cancel(TimerId timer) override {
    std::erase_if(timers_, [&](const auto& entry) { return entry.first.second == timer; });
  }

  absl::Time Now() const override { return now_; }

  /// Runs everything that can run without time passing. False if `most` tasks did not suffice.
  bool RunReady(int most = 1'000'000) {
    for (; most > 0; --most) {
      if (ready_.empty() && !timers_.empty() && timers_.begin()->first.first <= now_) {
        ready_.push_back(std::move(timers_.begin()->second));
        timers_.erase(timers_.begin());
      }
      if (ready_.empty()) return true;
      Task task = std::move(ready_.front());
      ready_.pop_front();
      task();
    }
    return false;
  }

  /// Lets time pass, running each timer at its moment.
  bool Advance(absl::Duration duration) {
    const absl::Time end = now_ + duration;
    while (true) {
      if (!RunReady()) return false;
      if (timers_.empty() || timers_.begin()->first.first > end) break;
      now_ = timers_.begin()->first.first;
    }
    now_ = end;
    return RunReady();
  }

  /// Moves the clock without running anything, as a step of the system's clock does.
  void JumpTo(absl::Time now) { now_ = now; }

  bool has_timers() const { return !timers_.empty(); }

 private:
  absl::Time now_;
  TimerId next_ = 1;
  std::deque<Task> ready_;
  std::map<std::pair<absl::Time, TimerId>, Task> timers_;
};

}  // namespace qalam
