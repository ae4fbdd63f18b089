#include "controller/trial_index.h"

#include <algorithm>

#include "controller/vocabulary.h"
#include "controller/wire_convert.h"

namespace qalam::controller {
namespace {

auto Position(std::vector<TrialPtr>& trials, const api::Trial& trial) {
  return std::lower_bound(trials.begin(), trials.end(), trial,
                          [](const TrialPtr& a, const api::Trial& b) { return CreatedBefore(*a, b); });
}

}  // namespace

api::ObjectKey TrialIndex::ExperimentOf(const api::Trial& trial) {
  const auto label = trial.metadata.labels.find(kExperimentLabel);
  return {trial.metadata.namespace_name, label == trial.metadata.labels.end() ? std::string() : label->second};
}

void TrialIndex::Put(const TrialPtr& trial) {
  Trials& of = experiments_[ExperimentOf(*trial)];
  const auto at = Position(of.trials, *trial);
  const auto offset = at - of.trials.begin();
  if (at != of.trials.end() && (*at)->metadata.name == trial->metadata.name) {
    *at = trial;
    of.wire[offset] = nullptr;
  } else {
    of.trials.insert(at, trial);
    of.wire.insert(of.wire.begin() + offset, nullptr);
  }
}

void TrialIndex::Remove(const api::Trial& trial) {
  const auto found = experiments_.find(ExperimentOf(trial));
  if (found == experiments_.end()) return;
  Trials& of = found->second;
  const auto at = Position(of.trials, trial);
  if (at == of.trials.end() || (*at)->metadata.name != trial.metadata.name) return;
  of.wire.erase(of.wire.begin() + (at - of.trials.begin()));
  of.trials.erase(at);
  if (of.trials.empty()) experiments_.erase(found);
}

const std::vector<TrialPtr>& TrialIndex::Of(const api::ObjectKey& experiment) const {
  static const std::vector<TrialPtr> kNone;
  const auto found = experiments_.find(experiment);
  return found == experiments_.end() ? kNone : found->second.trials;
}

void TrialIndex::CopyToWire(const api::ObjectKey& experiment,
                            google::protobuf::RepeatedPtrField<wire::Trial>& out) const {
  const auto found = experiments_.find(experiment);
  if (found == experiments_.end()) return;
  Trials& of = found->second;
  out.Reserve(static_cast<int>(of.trials.size()));
  for (size_t i = 0; i < of.trials.size(); ++i) {
    if (!IsSent(*of.trials[i])) continue;
    if (of.wire[i] == nullptr) of.wire[i] = std::make_shared<const wire::Trial>(ToWire(*of.trials[i]));
    *out.Add() = *of.wire[i];
  }
}

}  // namespace qalam::controller
