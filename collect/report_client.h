// The calls of the wrapper to DBManager and to an early-stopping service.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/event_loop.h"
#include "base/status.h"
#include "collect/spool.h"
#include "metrics/metrics_collection.h"

namespace qalam::collect {

/// How a server is reached and what it is shown. Certificates and keys are texts in PEM.
struct Connection {
  std::string address;  // HOST:PORT or unix:PATH
  std::string token;    // sent as a bearer token where not empty
  bool tls = false;
  std::string ca;                // empty: the system's
  std::string certificate, key;  // our own; both or neither
};

/// The bytes of `points` as a spool keeps them: those of several calls one after the other are those of all points.
std::string EncodePoints(std::span<const metrics::MetricPoint> points);

class ReportClient {
 public:
  using Done = std::function<void(absl::Status)>;  // called once, from a task of the loop; codes are gRPC's

  virtual ~ReportClient() = default;
  /// DBManager's ReportObservationLog, with the batch's id as `idempotency-key`.
  virtual void Report(const std::string& trial, const Batch& batch, Done done) = 0;
  /// EarlyStopping's SetTrialStatus.
  virtual void SetTrialStatus(const std::string& trial, Done done) = 0;
};

/// Connects when the first call needs it. Destroying the client cancels its calls, and they are not answered.
std::unique_ptr<ReportClient> NewReportClient(EventLoop& loop, const Connection& connection);

/// Keeps gRPC's own messages off the standard error.
void SilenceGrpc();

/// Whether only this machine can be at `address`.
bool IsLocal(std::string_view address);

}  // namespace qalam::collect
