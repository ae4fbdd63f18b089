// Suggestion, EarlyStopping and DBManager on a port, for anyone who speaks Katib's contracts.
#pragma once

#include <memory>
#include <string>

#include "base/asio_event_loop.h"
#include "base/status.h"
#include "server/log.h"
#include "server/service_host_options.h"
#include "server/storage.h"

namespace qalam::server {

/// A gRPC server with the services, their health and reflection. Threads: gRPC's own and the workers; the functions
/// here may be called from any.
class ServiceHost {
 public:
  /// Returns when it is serving. `loop` answers GET /metrics and looks for new certificates while it runs; `log` gets a line for each call, of level
  /// info, or debug for what trials report. All outlive the host.
  ///
  /// `storage` is loaded; without one the data directory of the options is opened when there is a service that needs it.
  ///
  /// INVALID_ARGUMENT: an option, with what would be right; an address that others can reach where anybody may call.
  /// UNAVAILABLE: an address cannot be listened on, or another qalam uses the data directory. Other codes: those of
  /// db::Database::Open.
  static absl::StatusOr<std::unique_ptr<ServiceHost>> Start(AsioEventLoop& loop, Log& log,
                                                            ServiceHostOptions options,
                                                            Storage* storage = nullptr);

  /// Like Drain.
  ~ServiceHost();

  /// Refuses new calls, tells clients to go elsewhere and health checks that nothing is served any more, waits for the
  /// calls under way, and ends with CANCELLED those that are not done after the grace period.
  void Drain();

  /// Where it listens, with the port that was free: what clients connect to.
  const std::string& address() const;
  std::string metrics_address() const;

 private:
  struct State;
  explicit ServiceHost(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace qalam::server
