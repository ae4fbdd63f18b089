// EventLoop on Boost.Asio.
#pragma once

#include <memory>

#include "base/event_loop.h"

namespace boost::asio {
class io_context;
}

namespace qalam {

/// The real loop. `Run` executes tasks on the calling thread until `Stop`.
class AsioEventLoop final : public EventLoop {
 public:
  AsioEventLoop();
  ~AsioEventLoop() override;

  /// Blocks. Returns after Stop; may be called again then.
  void Run();

  /// From any thread or signal-safe task: Run returns after the current task.
  void Stop();

  void Post(Task task) override;
  TimerId PostAfter(absl::Duration delay, Task task) override;
  void Cancel(TimerId timer) override;
  absl::Time Now() const override;

  /// For file descriptors and signals that must be watched on this loop.
  boost::asio::io_context& context();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace qalam
