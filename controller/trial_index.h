// The trials of each experiment, in order of creation.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "controller/experiment_progress.h"

namespace qalam::controller {

/// Kept current by the cache of trials, so that a pass over an experiment costs no search. Trials belong to the experiment
/// of their namespace that their label names.
///
/// Threads: the event loop's thread only.
class TrialIndex {
 public:
  void Put(const TrialPtr& trial);
  void Remove(const api::Trial& trial);

  /// In order of creation. The reference holds until the next change.
  const std::vector<TrialFacts>& Of(const api::ObjectKey& experiment) const;

  /// Appends the trials that an algorithm is told about, in order of creation, as the bytes of the field `trials` of a
  /// request. Finished trials never change again but go out with every request: only what has changed is serialised.
  void AppendWireTrials(const api::ObjectKey& experiment, std::string& request) const;

  static api::ObjectKey ExperimentOf(const api::Trial& trial);

 private:
  struct Trials {
    std::vector<TrialFacts> facts;
    std::vector<std::string> wire;  // beside `facts`; empty for a trial that is not sent
  };

  std::map<api::ObjectKey, Trials> experiments_;
};

}  // namespace qalam::controller
