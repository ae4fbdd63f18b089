// The one place where time and asynchrony come from. Reconcilers, engines and collectors take an EventLoop
// instead of a clock or threads, so that tests can drive whole lives of experiments in no time.
#pragma once

#include <cstdint>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"

namespace qalam {

/// Runs tasks one after another on one thread: tasks never overlap and need no locks among themselves.
///
/// Threads: Post, PostAfter, Cancel and Now may be called from any thread.
class EventLoop {
 public:
  using Task = absl::AnyInvocable<void()>;
  using TimerId = std::uint64_t;  // never 0

  virtual ~EventLoop() = default;

  /// Runs `task` as soon as the tasks posted before it are done.
  virtual void Post(Task task) = 0;

  /// Runs `task` once, not before `delay` has passed. A delay <= 0 is like Post.
  virtual TimerId PostAfter(absl::Duration delay, Task task) = 0;

  /// Forgets a timer that has not fired. Unknown or fired ids are ignored.
  virtual void Cancel(TimerId timer) = 0;

  /// Wall-clock time; what goes into timestamps.
  virtual absl::Time Now() const = 0;
};

}  // namespace qalam
