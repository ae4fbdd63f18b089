#include "server/call_queue.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace qalam::server {

CallQueue::CallQueue(std::string name, size_t max_running, size_t max_waiting)
    : name_(std::move(name)), max_running_(max_running), max_waiting_(max_waiting) {}

absl::Status CallQueue::Submit(Job job) {
  std::vector<Job> dropped;
  bool refused = false;
  {
    const std::lock_guard lock(mutex_);
    const bool begins = running_ < max_running_ && (job.key == 0 || busy_.count(job.key) == 0);
    const size_t bound = max_waiting_ + (begins ? 1 : 0);
    waiting_.push_back(std::move(job));
    if (waiting_.size() > bound) dropped = TakeAbandoned();
    if (waiting_.size() > bound) {
      refused = true;
      waiting_.pop_back();
    }
  }
  for (Job& old : dropped) old.drop();
  Pump();
  if (!refused) return absl::OkStatus();
  return absl::ResourceExhaustedError(fmt::format(
      "overloaded: {} {} calls may run and {} wait at the same time, and they do; try again later or "
      "elsewhere",
      max_running_, name_, max_waiting_));
}

void CallQueue::Pump() {
  thread_local const CallQueue* pumping = nullptr;
  if (pumping == this) return;  // the loop below goes on
  const CallQueue* const outer = std::exchange(pumping, this);
  for (Job job; TakeNext(job);) {
    const std::uint64_t key = job.key;
    if (job.abandoned()) {
      job.drop();
      Release(key);
    } else {
      job.start([this, key] {
        Release(key);
        Pump();
      });
    }
  }
  pumping = outer;
}

bool CallQueue::TakeNext(Job& job) {
  const std::lock_guard lock(mutex_);
  if (running_ == max_running_) return false;
  const auto next = std::find_if(waiting_.begin(), waiting_.end(), [this](const Job& candidate) {
    return candidate.key == 0 || busy_.count(candidate.key) == 0;
  });
  if (next == waiting_.end()) return false;
  job = std::move(*next);
  waiting_.erase(next);
  if (job.key != 0) busy_.insert(job.key);
  ++running_;
  return true;
}

void CallQueue::Release(std::uint64_t key) {
  const std::lock_guard lock(mutex_);
  busy_.erase(key);
  --running_;
}

std::vector<CallQueue::Job> CallQueue::TakeAbandoned() {
  std::vector<Job> dropped;
  const auto newest = std::prev(waiting_.end());
  for (auto job = waiting_.begin(); job != newest;) {
    if (job->abandoned()) {
      dropped.push_back(std::move(*job));
      job = waiting_.erase(job);
    } else {
      ++job;
    }
  }
  return dropped;
}

size_t CallQueue::running() const {
  const std::lock_guard lock(mutex_);
  return running_;
}

size_t CallQueue::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

}  // namespace qalam::server
