// Work that would hold up the event loop. Internal to this room.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace qalam::workload {

/// Runs pieces of work one after another on a thread of its own, which is there once there is any.
///
/// Threads: Post and Stop on the owner's thread; stopping on any.
class Background {
 public:
  using Work = std::function<void()>;

  Background() = default;
  ~Background() { Stop(); }
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  void Post(Work work);

  /// Forgets what has not begun and waits for what has, which may look at `stopping`.
  void Stop();
  bool stopping() const;

 private:
  void Run();

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Work> waiting_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace qalam::workload
