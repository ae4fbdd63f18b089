#include "server/in_process_server.h"

#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/service_type.h>

namespace qalam::server {

absl::StatusOr<std::unique_ptr<InProcessServer>> InProcessServer::Start(
    std::vector<std::unique_ptr<grpc::Service>> services) {
  std::unique_ptr<InProcessServer> server(new InProcessServer(std::move(services)));
  if (server->server_ == nullptr) {
    return absl::InternalError("the in-process gRPC server could not be started");
  }
  return server;
}

InProcessServer::InProcessServer(std::vector<std::unique_ptr<grpc::Service>> services)
    : services_(std::move(services)) {
  grpc::ServerBuilder builder;
  builder.SetMaxReceiveMessageSize(-1);
  // One process calls itself: a handful of threads suffices.
  builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::NUM_CQS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::MAX_POLLERS, 4);
  for (const auto& service : services_) builder.RegisterService(service.get());
  server_ = builder.BuildAndStart();
}

InProcessServer::~InProcessServer() {
  if (server_ != nullptr) server_->Shutdown(std::chrono::system_clock::now());
}

std::shared_ptr<grpc::Channel> InProcessServer::channel() const {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  return server_->InProcessChannel(arguments);
}

}  // namespace qalam::server
