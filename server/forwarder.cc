#include "server/forwarder.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/service_type.h>

#include <optional>

#include "proto/grpc_status.h"

namespace qalam::server {

// Members are destroyed from the last to the first.
struct Forwarder::State {
  std::vector<std::unique_ptr<grpc::Service>> services;
  std::unique_ptr<grpc::Server> server;
  std::optional<grpc::GenericStub> stub;
};

absl::StatusOr<std::unique_ptr<Forwarder>> Forwarder::Start(
    const std::string& name, std::vector<std::unique_ptr<grpc::Service>> services, size_t max_running,
    size_t max_waiting) {
  auto state = std::make_unique<State>();
  state->services = std::move(services);
  grpc::ServerBuilder builder;
  builder.SetMaxReceiveMessageSize(-1);
  builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::NUM_CQS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::MAX_POLLERS, 4);
  for (const auto& service : state->services) builder.RegisterService(service.get());
  state->server = builder.BuildAndStart();
  if (state->server == nullptr) return absl::InternalError("the in-process gRPC server could not be started");
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  state->stub.emplace(state->server->InProcessChannel(arguments));
  return std::unique_ptr<Forwarder>(new Forwarder(name, std::move(state), max_running, max_waiting));
}

Forwarder::Forwarder(const std::string& name, std::unique_ptr<State> state, size_t max_running,
                     size_t max_waiting)
    : state_(std::move(state)), queue_(name, max_running, max_waiting) {}

Forwarder::~Forwarder() { state_->server->Shutdown(std::chrono::system_clock::now()); }

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
  state_->stub->UnaryCall(context.get(), call.method(), {}, &call.request(), &call.reply(),
                          [context, &call, done = std::move(done)](const grpc::Status& status) {
                            done();  // first: when no call is left, the queue may go
                            call.Finish(status);
                          });
}

}  // namespace qalam::server
