// How the program of a trial reports metrics to this process by itself.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "api/trial.h"
#include "base/status.h"

namespace qalam::controller {

/// For the collectors Push and Custom. From Grant to Close a trial may report; what it reports is held until Open, when
/// the metrics collection follows the trial, and then goes to the observation log and to the collection. This class itself
/// lets no trial report.
///
/// Threads: the event loop's. Trials are named by their uids; functions ignore unknown ones.
class TrialReporting {
 public:
  using Variables = std::vector<std::pair<std::string, std::string>>;  // name, value

  virtual ~TrialReporting() = default;

  /// What the programs of a new launch need to know; an earlier launch's reports are refused from now on. UNAVAILABLE:
  /// nothing can be reported now.
  virtual absl::StatusOr<Variables> Grant(const api::Trial&) { return Variables(); }

  virtual void Open(const std::string& /*trial_uid*/) {}

  /// Holds again what comes, as before Open: the program is started once more. `done` is called when what came before
  /// is stored, or could not be; at once where there is nothing to wait for.
  virtual void Hold(const std::string& /*trial_uid*/, std::function<void()> done) { done(); }

  /// Refuses what comes from now on; `done` as above.
  virtual void Close(const std::string& /*trial_uid*/, std::function<void()> done) { done(); }

  /// "HOST:PORT", for messages.
  virtual std::string address() const { return ""; }
};

}  // namespace qalam::controller
