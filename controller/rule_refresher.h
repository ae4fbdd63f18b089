// Asks for newer early-stopping rules while trials run.
#pragma once

#include <map>
#include <memory>

#include "controller/clients.h"
#include "controller/early_stopper.h"
#include "controller/event_recorder.h"
#include "controller/resource_cache.h"
#include "controller/trial_index.h"

namespace qalam::controller {

/// A trial is started with the rules of that moment. Whenever another one of its experiment has ended, and with
/// algorithms that look at running trials whenever one has reported, the rules may have changed: they are asked for
/// again, once a second at most, and given to the trials that run. They are not stored; a reply without rules changes
/// nothing. A call that fails is told as an event of the experiment and made again with
/// back-off while trials run; no trial waits for it.
///
/// Threads: the event loop's thread only.
class RuleRefresher {
 public:
  struct Dependencies {
    EventLoop& loop;
    ResourceCache& experiments;
    TrialIndex& trials;
    ServiceDirectory& services;
    EventRecorder& events;
    EarlyStopper& stopper;
  };

  explicit RuleRefresher(Dependencies dependencies) : to_(dependencies) {}
  ~RuleRefresher() { *alive_ = false; }

  /// A trial of the experiment has its verdict, and its index shows it.
  void TrialEnded(const api::ObjectKey& experiment) { Due(experiment, absl::ZeroDuration()); }

  /// A trial has reported what the rules of the experiment follow. The report may still be on its way to DBManager.
  void TrialReported(const api::ObjectKey& experiment) { Due(experiment, kInterval); }

 private:
  // There from the first call on, until none was due a pause after the last one.
  struct Progress {
    bool due = true;   // something has changed since the last call was made
    int setbacks = 0;  // in a row
  };

  void Due(const api::ObjectKey& experiment, absl::Duration pause);
  void AskAfter(absl::Duration pause, const api::ObjectKey& experiment);
  void Ask(const api::ObjectKey& experiment);
  void Take(const api::ObjectKey& experiment, const absl::StatusOr<wire::GetEarlyStoppingRulesReply>& reply);

  static constexpr absl::Duration kInterval = absl::Seconds(1);

  Dependencies to_;
  std::map<api::ObjectKey, Progress> progress_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace qalam::controller
