// Which resources need a look, and when: the queue in front of a reconciler.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>

#include "absl/time/time.h"
#include "api/resource.h"
#include "base/event_loop.h"
#include "base/status.h"

namespace qalam::controller {

/// What one pass over a resource says: OK and done, OK and look again after a while, or an error.
struct ReconcileResult {
  absl::Status status;
  absl::Duration requeue_after = absl::ZeroDuration();  // 0: only when something changes

  ReconcileResult() = default;
  ReconcileResult(absl::Status error)  // NOLINT(google-explicit-constructor): a status is a result
      : status(std::move(error)) {}
  static ReconcileResult After(absl::Duration delay) {
    ReconcileResult result;
    result.requeue_after = delay;
    return result;
  }
};

/// Runs a reconcile function for each key that was added: one key at a time, each key once however often it was added
/// while it waited. A pass that fails is repeated with exponential back-off until one succeeds.
///
/// Threads: the event loop's thread only. The queue must outlive the loop's pending tasks or be destroyed on the
/// loop's thread (tasks that come later find it gone and do nothing).
class WorkQueue {
 public:
  using Reconcile = std::function<ReconcileResult(const api::ObjectKey&)>;
  using ErrorHandler = std::function<void(const api::ObjectKey&, const absl::Status&)>;

  struct Backoff {
    absl::Duration first = absl::Milliseconds(50);
    absl::Duration longest = absl::Seconds(30);
  };

  WorkQueue(EventLoop& loop, Reconcile reconcile, ErrorHandler on_error, Backoff backoff);
  WorkQueue(EventLoop& loop, Reconcile reconcile, ErrorHandler on_error)
      : WorkQueue(loop, std::move(reconcile), std::move(on_error), Backoff{}) {}
  ~WorkQueue();
  WorkQueue(const WorkQueue&) = delete;
  WorkQueue& operator=(const WorkQueue&) = delete;

  /// Looks at `key` soon.
  void Add(const api::ObjectKey& key);

  /// Looks at `key` after `delay`, or sooner if Add is called.
  void AddAfter(const api::ObjectKey& key, absl::Duration delay);

  /// Forgets back-off and timers of a key that is gone.
  void Forget(const api::ObjectKey& key);

 private:
  void Run();
  void RunOne(const api::ObjectKey& key);

  EventLoop& loop_;
  Reconcile reconcile_;
  ErrorHandler on_error_;
  Backoff backoff_;
  std::set<api::ObjectKey> ready_;
  bool scheduled_ = false;
  std::map<api::ObjectKey, int> failures_;
  std::map<api::ObjectKey, EventLoop::TimerId> timers_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace qalam::controller
