// What a command writes, passed on and looked at.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "base/event_loop.h"
#include "collect/file_descriptor.h"

namespace qalam::collect {

struct PumpHandlers {
  /// The bytes, in order, from a task of the loop; valid during the call. At most PumpOptions::look after they were
  /// passed on, and then all of that time together.
  std::function<void(std::string_view bytes)> on_bytes;
  /// Nothing more will come: the pipe was closed by all who wrote to it, or the time after EndSoon is over. From a task
  /// of the loop, after the last on_bytes. `write_error`: of our own output, 0 without one; what came after it was
  /// looked at, but not passed on.
  std::function<void(int write_error)> on_end;
};

struct PumpOptions {
  absl::Duration gather = absl::Milliseconds(10);  // between two reads while little comes often
  absl::Duration look = absl::Milliseconds(100);   // between two calls of on_bytes
};

/// Copies a pipe to a descriptor, unchanged, on a thread of its own: whoever reads our output may be slow, and the loop
/// must not wait for him. Output that comes rarely is passed on and shown at once, dense output after PumpOptions.
/// When nobody reads our output any more (EPIPE) the pipe is closed, so that the command is told as it would be
/// without us. At most some MiB wait for the loop; then the pipe fills, and the command waits.
class OutputPump {
 public:
  /// `from` does not block. `to` is not closed. `loop` outlives the pump.
  OutputPump(EventLoop& loop, FileDescriptor from, int to, PumpHandlers handlers,
             const PumpOptions& options = {});
  ~OutputPump();  // stops; waits for nobody
  OutputPump(const OutputPump&) = delete;
  OutputPump& operator=(const OutputPump&) = delete;

  /// The command has ended: what is in the pipe now is still passed on, however long that takes, and what its children
  /// write within `grace` after that.
  void EndSoon(absl::Duration grace);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// A pipe that holds much, if the system lets us; reading from it does not wait.
struct Pipe {
  FileDescriptor read_end, write_end;
};
Pipe MakePipe();  // closed descriptors when the system has none left

}  // namespace qalam::collect
