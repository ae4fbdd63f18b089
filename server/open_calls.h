// How many calls there are and how large, for whoever waits for their end or bounds them.
#pragma once

#include <condition_variable>
#include <mutex>

#include "absl/time/time.h"

namespace qalam::server {

/// Threads: any.
class OpenCalls {
 public:
  void Add(size_t bytes = 0);
  void Remove(size_t bytes = 0);

  size_t bytes() const;  // of all that are open

  /// Waits until there is none. False when `deadline` comes first.
  bool WaitForNone(absl::Time deadline);

 private:
  mutable std::mutex mutex_;
  std::condition_variable none_;
  size_t open_ = 0, bytes_ = 0;
};

}  // namespace qalam::server
