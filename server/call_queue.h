// When a call's work may begin: in order where order matters, in parallel otherwise, and never too many.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "base/status.h"

namespace qalam::server {

/// Jobs of one key run one after another, as they came; others run side by side, up to a bound. A job that has to
/// wait is kept in a queue with a bound of its own: work that nobody could wait for is refused at once.
///
/// Knows no threads: `start` begins the job somewhere and returns. Threads: any may call.
class CallQueue {
 public:
  using Done = std::function<void()>;

  struct Job {
    std::uint64_t key = 0;  // 0: of no order
    /// True once nobody waits for the result. Called with a lock held: quick, and calls nothing here.
    std::function<bool()> abandoned;
    /// Begins the work; it calls the argument once, from anywhere, when it has ended.
    absl::AnyInvocable<void(Done)> start;
    /// Instead of `start`, when its turn has come and nobody waits any more.
    absl::AnyInvocable<void()> drop;
  };

  /// `name` is for the message of a refusal.
  CallQueue(std::string name, size_t max_running, size_t max_waiting);

  /// RESOURCE_EXHAUSTED when as many wait as may: neither function of the job is called then.
  absl::Status Submit(Job job);

  size_t running() const;
  size_t waiting() const;

 private:
  // Begins what may begin, one job after another: a job that ends while it begins does not nest.
  void Pump();
  bool TakeNext(Job& job);
  void Release(std::uint64_t key);
  std::vector<Job> TakeAbandoned();

  const std::string name_;
  const size_t max_running_, max_waiting_;
  mutable std::mutex mutex_;
  std::list<Job> waiting_;
  std::unordered_set<std::uint64_t> busy_;  // keys of running jobs
  size_t running_ = 0;
};

}  // namespace qalam::server
