#include "server/worker_pool.h"

#include <grpcpp/support/status.h>

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <exception>

#include "proto/grpc_status.h"

namespace qalam::server {
namespace {

grpc::Status Guarded(const WorkerPool::Work& work, UnaryCall& call) {
  try {
    return work(call);
  } catch (const std::exception& error) {
    return {grpc::StatusCode::INTERNAL, error.what()};
  }
}

}  // namespace

WorkerPool::WorkerPool(const std::string& name, size_t threads, size_t max_waiting)
    : queue_(name, threads, max_waiting), threads_(std::make_unique<boost::asio::thread_pool>(threads)) {}

WorkerPool::~WorkerPool() { threads_->join(); }

void WorkerPool::Run(UnaryCall& call, std::uint64_t key, Work work) {
  const absl::Status queued =
      queue_.Submit({.key = key,
                     .abandoned = [&call] { return call.abandoned(); },
                     .start =
                         [this, &call, work = std::move(work)](CallQueue::Done done) {
                           boost::asio::post(*threads_, [&call, work, done = std::move(done)] {
                             call.Finish(Guarded(work, call));
                             done();
                           });
                         },
                     .drop =
                         [&call] {
                           call.Finish({grpc::StatusCode::CANCELLED, "nobody waits for the answer"});
                         }});
  if (!queued.ok()) call.Finish(ToGrpc(queued));
}

}  // namespace qalam::server
