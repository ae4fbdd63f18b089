// The trials of each experiment, in order of creation.
#pragma once

#include <map>
#include <vector>

#include "controller/experiment_progress.h"
#include "proto/api.pb.h"

namespace qalam::controller {

/// Kept current by the cache of trials, so that a pass over an experiment costs no search. Trials belong to the experiment
/// of their namespace that their label names.
///
/// Threads: the event loop's thread only.
class TrialIndex {
 public:
  void Put(const TrialPtr& trial);
  void Remove(const api::Trial& trial);

  /// In order of creation.
  const std::vector<TrialPtr>& Of(const api::ObjectKey& experiment) const;

  /// Those that an algorithm is told about, as they go over the wire.
  void CopyToWire(const api::ObjectKey& experiment,
                  google::protobuf::RepeatedPtrField<::api::v1::beta1::Trial>& out) const;

  static api::ObjectKey ExperimentOf(const api::Trial& trial);

 private:
  // A finished trial never changes again, but is sent with every request: its wire form is made once.
  struct Trials {
    std::vector<TrialPtr> trials;
    std::vector<std::shared_ptr<const ::api::v1::beta1::Trial>> wire;  // beside `trials`; null until needed
  };

  mutable std::map<api::ObjectKey, Trials> experiments_;
};

}  // namespace qalam::controller
