// A gRPC server on an address.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "absl/time/time.h"
#include "base/status.h"
#include "server/open_calls.h"

namespace grpc {
class Server;
class ServerCredentials;
class Service;
}  // namespace grpc

namespace qalam::server {

struct ListenOptions {
  std::string address;                           // HOST:PORT, [IPV6]:PORT or unix:PATH; port 0: any free one
  size_t max_message = 64 << 20;                 // bytes of a request; 1 to 2^31 - 1
  absl::Duration keepalive = absl::Seconds(60);  // between pings on a silent connection
};

/// Threads: any, except that one at a time ends it.
class GrpcListener {
 public:
  /// Serves when it returns. The services outlive it; `open` counts their calls, and outlives it too.
  /// UNAVAILABLE: the address cannot be listened on.
  static absl::StatusOr<std::unique_ptr<GrpcListener>> Start(
      const ListenOptions& options, const std::shared_ptr<grpc::ServerCredentials>& credentials,
      std::span<grpc::Service* const> services, OpenCalls& open);

  /// Stop, at once.
  ~GrpcListener();

  /// With the port that was free: what clients connect to.
  const std::string& address() const { return address_; }

  /// Refuses new calls, waits for those under way until the deadline, and ends the others with CANCELLED.
  void Stop(absl::Time deadline);

 private:
  GrpcListener(std::unique_ptr<grpc::Server> server, std::string address, OpenCalls& open);

  std::unique_ptr<grpc::Server> server_;
  const std::string address_;
  OpenCalls& open_;
};

}  // namespace qalam::server
