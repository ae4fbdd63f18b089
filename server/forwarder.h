// Hands calls on to services that are written with gRPC's blocking classes.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "server/call_queue.h"
#include "server/unary_call.h"

namespace grpc {
class Service;
}

namespace qalam::server {

/// Keeps such services in a server without a port, where each call under way has a thread, and speaks to them over an
/// in-process channel; bytes are shared, not copied. Deadline and cancellation are handed on.
/// Threads: Forward may be called from any.
class Forwarder {
 public:
  /// At least one service. `name` is for the message of a refusal. INTERNAL: gRPC could not be started.
  static absl::StatusOr<std::unique_ptr<Forwarder>> Start(
      const std::string& name, std::vector<std::unique_ptr<grpc::Service>> services, size_t max_running,
      size_t max_waiting);

  /// All calls must be finished.
  ~Forwarder();

  /// Finishes the call with what the service answers; with RESOURCE_EXHAUSTED when too many wait.
  void Forward(UnaryCall& call);

  const CallQueue& queue() const { return queue_; }

 private:
  struct State;
  Forwarder(const std::string& name, std::unique_ptr<State> state, size_t max_running, size_t max_waiting);
  void Begin(UnaryCall& call, CallQueue::Done done);

  std::unique_ptr<State> state_;
  CallQueue queue_;
};

}  // namespace qalam::server
