// GET /metrics over HTTP.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/asio_event_loop.h"
#include "base/status.h"

namespace qalam::server {

struct MetricsEndpointOptions {
  std::string address;                // HOST:PORT; port 0: any free one
  std::function<std::string()> text;  // in Prometheus' text format
  /// As CallHooks::authorize, by the header Authorization. Empty: everybody may.
  std::function<absl::Status(std::optional<std::string_view> authorization)> authorize;
};

/// Answers on the loop, between its tasks. A client gets ten seconds; at most 64 are served at the same time.
/// Threads: the loop's, or while it does not run.
class MetricsEndpoint {
 public:
  /// UNAVAILABLE: the address cannot be listened on. INVALID_ARGUMENT: it is none.
  static absl::StatusOr<std::unique_ptr<MetricsEndpoint>> Start(AsioEventLoop& loop,
                                                                MetricsEndpointOptions options);
  ~MetricsEndpoint();

  const std::string& address() const;  // with the port that was free

 private:
  struct State;
  explicit MetricsEndpoint(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace qalam::server
