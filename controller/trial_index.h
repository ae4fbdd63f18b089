// The trials of each experiment, in order of creation.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "absl/functional/function_ref.h"
#include "controller/experiment_progress.h"
#include "proto/api.pb.h"

namespace qalam::controller {

/// Kept current by the cache of trials, so that a pass over an experiment costs no search. Trials belong to the experiment
/// of their namespace that their label names.
///
/// Threads: the event loop's thread only.
class TrialIndex {
 public:
  using WireTrials = google::protobuf::RepeatedPtrField<::api::v1::beta1::Trial>;

  void Put(const TrialPtr& trial);
  void Remove(const api::Trial& trial);

  /// In order of creation. The reference holds until the next change.
  const std::vector<TrialFacts>& Of(const api::ObjectKey& experiment) const;

  /// Calls `use` with the trials that an algorithm is told about, as they go over the wire, in order of creation. `use` must leave the field
  /// as it was; it is lent, not copied, because it holds every trial of the experiment.
  void LendWire(const api::ObjectKey& experiment, absl::FunctionRef<void(WireTrials&)> use);

  static api::ObjectKey ExperimentOf(const api::Trial& trial);

 private:
  struct Trials {
    std::vector<TrialFacts> facts;
    WireTrials wire;           // in order of creation, without those that are not sent
    std::vector<int> places;   // beside `facts`: place in `wire`, -1 when not there
    std::set<size_t> changed;  // places in `facts` whose entry in `wire` is out of date
    size_t sent_end = 0;       // one past the last place in `facts` that is in `wire`
    bool reordered = false;    // `wire` has to be made anew
  };

  static void Refresh(Trials& of);

  std::map<api::ObjectKey, Trials> experiments_;
};

}  // namespace qalam::controller
