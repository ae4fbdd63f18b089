// An EventLoop whose clock moves only when the test says so.
#pragma once

#include <deque>
#include <map>
#include <utility>

#include "base/event_loop.h"

namespace qalam::workload {

class FakeEventLoop final : public EventLoop {
 public:
  void Post(Task task) override { tasks_.push_back(std::move(task)); }

  TimerId PostAfter(absl::Duration delay, Task task) override {
    const TimerId id = ++last_timer_;
    timers_.emplace(std::pair(now_ + delay, id), std::move(task));
    return id;
  }

  void Cancel(TimerId timer) override {
    std::erase_if(timers_, [&](const auto& entry) { return entry.first.second == timer; });
  }

  absl::Time Now() const override { return now_; }

  /// Runs what is posted, and what that posts.
  void RunPosted() {
    while (!tasks_.empty()) {
      Task task = std::move(tasks_.front());
      tasks_.pop_front();
      task();
    }
  }

  /// Lets time pass; timers that fall due run in their order.
  void Advance(absl::Duration duration) {
    const absl::Time end = now_ + duration;
    RunPosted();
    while (!timers_.empty() && timers_.begin()->first.first <= end) {
      auto node = timers_.extract(timers_.begin());
      now_ = node.key().first;
      node.mapped()();
      RunPosted();
    }
    now_ = end;
  }

  size_t timers() const { return timers_.size(); }

 private:
  absl::Time now_ = absl::FromUnixSeconds(1'700'000'000);
  TimerId last_timer_ = 0;
  std::deque<Task> tasks_;
  std::map<std::pair<absl::Time, TimerId>, Task> timers_;
};

}  // namespace qalam::workload
