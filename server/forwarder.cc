#include "server/forwarder.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/service_type.h>

#include "proto/grpc_status.h"
#include "server/in_process_server.h"

namespace qalam::server {

// Members are destroyed from the last to the first.
struct Forwarder::State {
  std::unique_ptr<InProcessServer> server;
  grpc::GenericStub stub;
};

absl::StatusOr<std::unique_ptr<Forwarder>> Forwarder::Start(
    const std::string& name, std::vector<std::unique_ptr<grpc::Service>> services, size_t max_running,
    size_t max_waiting) {
  QALAM_ASSIGN_OR_RETURN(std::unique_ptr<InProcessServer> server,
                         InProcessServer::Start(std::move(services)));
  grpc::GenericStub stub(server->channel());
  auto state = std::unique_ptr<State>(new State{std::move(server), std::move(stub)});
  return std::unique_ptr<Forwarder>(new Forwarder(name, std::move(state), max_running, max_waiting));
}

Forwarder::Forwarder(const std::string& name, std::unique_ptr<State> state, size_t max_running,
                     size_t max_waiting)
    : state_(std::move(state)), queue_(name, max_running, max_waiting) {}

Forwarder::~Forwarder() = default;

void Forwarder::Forward(UnaryCall& call) {
  const absl::Status queued =
      queue_.Submit({.abandoned = [&call] { return call.abandoned(); },
                     .start = [this, &call](CallQueue::Done done) { Begin(call, std::move(done)); },
                     .drop =
                         [&call] {
                           call.Finish({grpc::StatusCode::CANCELLED, "nobody waits for the answer"});
                         }});
  if (!queued.ok()) call.Finish(ToGrpc(queued));
}

void Forwarder::Begin(UnaryCall& call, CallQueue::Done done) {
  const auto context = std::make_shared<grpc::ClientContext>();
  if (call.deadline() != absl::InfiniteFuture()) context->set_deadline(absl::ToChronoTime(call.deadline()));
  call.OnAbandoned([context] { context->TryCancel(); });
  state_->stub.UnaryCall(context.get(), call.method(), {}, &call.request(), &call.reply(),
                         [context, &call, done = std::move(done)](const grpc::Status& status) {
                           done();  // first: when no call is left, the queue may go
                           call.Finish(status);
                         });
}

}  // namespace qalam::server
