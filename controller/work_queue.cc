#include "controller/work_queue.h"

#include <algorithm>
#include <utility>

namespace qalam::controller {

WorkQueue::WorkQueue(EventLoop& loop, Reconcile reconcile, ErrorHandler on_error, Backoff backoff)
    : loop_(loop), reconcile_(std::move(reconcile)), on_error_(std::move(on_error)), backoff_(backoff) {}

WorkQueue::~WorkQueue() {
  *alive_ = false;
  for (const auto& [key, timer] : timers_) loop_.Cancel(timer);
}

void WorkQueue::Add(const api::ObjectKey& key) {
  ready_.insert(key);
  if (std::exchange(scheduled_, true)) return;
  loop_.Post([this, alive = alive_] {
    if (*alive) Run();
  });
}

void WorkQueue::AddAfter(const api::ObjectKey& key, absl::Duration delay) {
  if (auto old = timers_.find(key); old != timers_.end()) {
    loop_.Cancel(old->second);
    timers_.erase(old);
  }
  timers_[key] = loop_.PostAfter(delay, [this, key, alive = alive_] {
    if (!*alive) return;
    timers_.erase(key);
    Add(key);
  });
}

void WorkQueue::Forget(const api::ObjectKey& key) {
  ready_.erase(key);
  failures_.erase(key);
  if (auto timer = timers_.find(key); timer != timers_.end()) {
    loop_.Cancel(timer->second);
    timers_.erase(timer);
  }
}

void WorkQueue::Run() {
  scheduled_ = false;
  // Keys added from here on wait for the next turn, so that other tasks of the loop get theirs.
  for (const api::ObjectKey& key : std::exchange(ready_, {})) RunOne(key);
}

void WorkQueue::RunOne(const api::ObjectKey& key) {
  const ReconcileResult result = reconcile_(key);
  if (result.status.ok()) {
    failures_.erase(key);
    if (result.requeue_after > absl::ZeroDuration()) AddAfter(key, result.requeue_after);
    return;
  }
  // A write that met a newer version is no error: the newer version is on its way to the cache.
  if (!absl::IsAborted(result.status)) on_error_(key, result.status);
  const int failures = std::min(failures_[key]++, 20);
  AddAfter(key, std::min(backoff_.longest, backoff_.first * (1 << failures)));
}

}  // namespace qalam::controller
