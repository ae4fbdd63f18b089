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

/// A trial is started with the rules of that moment. Whenever another one of its experiment has ended, the rules may
/// have changed: they are asked for again, once a second at most, and given to the trials that run. They are not stored;
/// a reply without rules changes nothing. A call that fails is told as an event of the experiment and made again with
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
  void TrialEnded(const api::ObjectKey& experiment);

 private:
  // There from the first call on, until none was due a pause after the last one.
  struct Progress {
    bool due = true;   // a trial has ended since the last call was made
    int setbacks = 0;  // in a row
  };

  void AskAfter(absl::Duration pause, const api::ObjectKey& experiment);
  void Ask(const api::ObjectKey& experiment);
  void Take(const api::ObjectKey& experiment, const absl::StatusOr<wire::GetEarlyStoppingRulesReply>& reply);

  Dependencies to_;
  std::map<api::ObjectKey, Progress> progress_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace qalam::controller
