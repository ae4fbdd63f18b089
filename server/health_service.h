// grpc.health.v1.Health.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "server/open_calls.h"

namespace grpc {
class Service;
}

namespace qalam::server {

/// Check: SERVING for the names it knows, NOT_FOUND for others. Watch: likewise, SERVICE_UNKNOWN for others. Both
/// need no thread of their own and answer everybody: probes carry no credentials.
///
/// Threads: any. Outlives the server that it is registered with.
class HealthService {
 public:
  /// `open` counts those who watch, and outlives the service.
  HealthService(std::set<std::string> names, OpenCalls& open);
  ~HealthService();

  grpc::Service& service();

  /// From now on everything is NOT_SERVING, and who watches is told so and then let go.
  void Drain();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace qalam::server
