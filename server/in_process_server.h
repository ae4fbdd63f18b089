// gRPC services without a port, for callers in this process.
#pragma once

#include <memory>
#include <vector>

#include "base/status.h"

namespace grpc {
class Channel;
class Server;
class Service;
}  // namespace grpc

namespace qalam::server {

/// For services that are written with gRPC's blocking classes: each call under way has a thread. Threads: any.
class InProcessServer {
 public:
  /// At least one service. INTERNAL: gRPC could not be started.
  static absl::StatusOr<std::unique_ptr<InProcessServer>> Start(
      std::vector<std::unique_ptr<grpc::Service>> services);

  /// Ends the calls under way.
  ~InProcessServer();

  std::shared_ptr<grpc::Channel> channel() const;

 private:
  explicit InProcessServer(std::vector<std::unique_ptr<grpc::Service>> services);

  std::vector<std::unique_ptr<grpc::Service>> services_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace qalam::server
