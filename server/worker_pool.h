// Threads of our own for the work of calls.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "server/call_queue.h"
#include "server/unary_call.h"

namespace boost::asio {
class thread_pool;
}

namespace qalam::server {

/// Threads: Run may be called from any.
class WorkerPool {
 public:
  /// Computes the status, and the reply if it is OK.
  using Work = std::function<grpc::Status(UnaryCall&)>;

  /// `name` is for messages.
  WorkerPool(const std::string& name, size_t threads, size_t max_waiting);

  /// Waits for the work under way; there must be none in the queue.
  ~WorkerPool();

  /// Runs the work when its turn has come (see CallQueue for `key`), and finishes the call: also with
  /// RESOURCE_EXHAUSTED when too many wait, and without any work when nobody waits for the answer any more.
  void Run(UnaryCall& call, std::uint64_t key, Work work);

  const CallQueue& queue() const { return queue_; }

 private:
  CallQueue queue_;
  std::unique_ptr<boost::asio::thread_pool> threads_;
};

}  // namespace qalam::server
