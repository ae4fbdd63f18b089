// DBManager for the trials that run here and report by themselves.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/event_loop.h"
#include "controller/clients.h"
#include "controller/trial_reporting.h"
#include "metrics/metrics_collection.h"

namespace qalam::server {

/// Listens on a port of 127.0.0.1 from the first Grant on. Callers:
///
///   with the token of a trial    ReportObservationLog goes to that trial, whatever trial_name says. GetObservationLog gives the
///                                trial's own log; a trial_name that is neither empty nor the trial's is PERMISSION_DENIED
///   without one                  ReportObservationLog, by the name of a trial, as Katib's client calls it: see TrialAccess
///
/// Everything else is PERMISSION_DENIED, DeleteObservationLog always. What is reported is answered when the observation
/// log has stored it under the trial's uid, with the log's own codes and rules, and was then given to the collection, in the
/// order in which it was stored. A report that is repeated with its idempotency-key is given once, if no more than 100
/// others with keys came between.
///
/// Threads: the event loop's; calls arrive on gRPC's.
class TrialReports final : public controller::TrialReporting {
 public:
  struct Dependencies {
    EventLoop& loop;
    controller::ServiceDirectory& services;  // whose observation log it is
    metrics::MetricsCollection& collection;
    std::function<std::string()> new_token;  // see TrialAccess
  };

  explicit TrialReports(Dependencies dependencies);

  /// Calls under way end with UNAVAILABLE.
  ~TrialReports() override;

  /// The trial's name needs no variable of ours: engines set it. QALAM_ADDR, QALAM_TOKEN; QALAM_TLS_CA is emptied, as there is
  /// no TLS here.
  absl::StatusOr<Variables> Grant(const api::Trial& trial) override;
  void Open(const std::string& trial_uid) override;
  void Hold(const std::string& trial_uid, std::function<void()> done) override;
  void Close(const std::string& trial_uid, std::function<void()> done) override;
  std::string address() const override;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace qalam::server
