#include "server/grpc_listener.h"

#include <fmt/format.h>
#include <grpc/grpc.h>
#include <grpcpp/grpcpp.h>

#include <thread>

#include "absl/time/clock.h"

namespace qalam::server {
namespace {

constexpr int kKeepaliveTimeoutMs = 20'000;
constexpr int kMinPingIntervalMs = 10'000;
constexpr int kMaxPingStrikes = 3;
constexpr int kMaxStreamsPerConnection = 1'024;

}  // namespace

absl::StatusOr<std::unique_ptr<GrpcListener>> GrpcListener::Start(
    const ListenOptions& options, const std::shared_ptr<grpc::ServerCredentials>& credentials,
    std::span<grpc::Service* const> services, OpenCalls& open) {
  grpc::ServerBuilder builder;
  builder.SetMaxReceiveMessageSize(static_cast<int>(options.max_message));
  builder.SetMaxSendMessageSize(-1);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);  // or two servers would share the clients
  const int keepalive = static_cast<int>(absl::ToInt64Milliseconds(options.keepalive));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, keepalive);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  // Clients may ping, too, and more often than gRPC's five minutes.
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, kMinPingIntervalMs);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, kMaxPingStrikes);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMaxStreamsPerConnection);
  int port = 0;
  builder.AddListeningPort(options.address, credentials, &port);
  for (grpc::Service* service : services) builder.RegisterService(service);
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) {
    return absl::UnavailableError(
        fmt::format("cannot listen on {}: it is in use, or no address of this machine", options.address));
  }
  std::string address =
      options.address.rfind("unix:", 0) == 0
          ? options.address
          : fmt::format("{}:{}", options.address.substr(0, options.address.rfind(':')), port);
  return std::unique_ptr<GrpcListener>(new GrpcListener(std::move(server), std::move(address), open));
}

GrpcListener::GrpcListener(std::unique_ptr<grpc::Server> server, std::string address, OpenCalls& open)
    : server_(std::move(server)), address_(std::move(address)), open_(open) {}

GrpcListener::~GrpcListener() { Stop(absl::Now()); }

void GrpcListener::Stop(absl::Time deadline) {
  if (server_ == nullptr) return;
  std::thread shutdown([&] { server_->Shutdown(absl::ToChronoTime(deadline)); });
  // Shutdown alone would also wait for clients that are idle and do not notice.
  if (open_.WaitForNone(deadline)) grpc_server_cancel_all_calls(server_->c_server());
  shutdown.join();
  server_ = nullptr;
}

}  // namespace qalam::server
