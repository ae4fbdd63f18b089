// What trials have reported, for early-stopping services of others.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "db/observation_log.h"
#include "server/grpc_listener.h"

namespace qalam::server {

/// DBManager on a port of 127.0.0.1, for reading alone: every method but GetObservationLog is UNIMPLEMENTED. Katib's services
/// read the curves of the trials they are told about from there, by their names and without any token.
///
/// Threads: any; a call under way has one of gRPC's.
class CurveReads {
 public:
  /// The key of a trial's entries in the log, from the name that a caller gives; called on gRPC's threads.
  using KeyOf = std::function<std::string(const std::string& trial_name)>;

  /// `log` outlives the result. UNAVAILABLE: there is no free port.
  static absl::StatusOr<std::unique_ptr<CurveReads>> Start(const db::ObservationLog& log, KeyOf key_of);

  /// Ends the calls under way.
  ~CurveReads();

  const std::string& address() const { return listener_->address(); }

 private:
  explicit CurveReads(std::unique_ptr<grpc::Service> service);

  std::unique_ptr<grpc::Service> service_;
  OpenCalls open_calls_;
  std::unique_ptr<GrpcListener> listener_;
};

}  // namespace qalam::server
