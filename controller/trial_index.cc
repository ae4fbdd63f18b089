#include "controller/trial_index.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "controller/vocabulary.h"
#include "controller/wire_convert.h"

namespace qalam::controller {
namespace {

auto Position(std::vector<TrialFacts>& trials, const api::Trial& trial) {
  return std::lower_bound(trials.begin(), trials.end(), trial, [](const TrialFacts& a, const api::Trial& b) {
    return CreatedBefore(*a.trial, b);
  });
}

}  // namespace

api::ObjectKey TrialIndex::ExperimentOf(const api::Trial& trial) {
  const auto label = trial.metadata.labels.find(kExperimentLabel);
  return {trial.metadata.namespace_name,
          label == trial.metadata.labels.end() ? std::string() : label->second};
}

void TrialIndex::Put(const TrialPtr& trial) {
  Trials& of = experiments_[ExperimentOf(*trial)];
  const auto at = Position(of.facts, *trial);
  const auto wire = of.wire.begin() + (at - of.facts.begin());
  std::string bytes = IsSent(*trial) ? ToWireField(*trial) : std::string();
  if (at != of.facts.end() && at->trial->metadata.name == trial->metadata.name) {
    *at = TrialFacts(trial);
    *wire = std::move(bytes);
  } else {
    of.facts.insert(at, TrialFacts(trial));
    of.wire.insert(wire, std::move(bytes));
  }
}

void TrialIndex::Remove(const api::Trial& trial) {
  const auto found = experiments_.find(ExperimentOf(trial));
  if (found == experiments_.end()) return;
  Trials& of = found->second;
  const auto at = Position(of.facts, trial);
  if (at == of.facts.end() || at->trial->metadata.name != trial.metadata.name) return;
  of.wire.erase(of.wire.begin() + (at - of.facts.begin()));
  of.facts.erase(at);
  if (of.facts.empty()) experiments_.erase(found);
}

const std::vector<TrialFacts>& TrialIndex::Of(const api::ObjectKey& experiment) const {
  static const std::vector<TrialFacts> kNone;
  const auto found = experiments_.find(experiment);
  return found == experiments_.end() ? kNone : found->second.facts;
}

void TrialIndex::AppendWireTrials(const api::ObjectKey& experiment, std::string& request) const {
  const auto found = experiments_.find(experiment);
  if (found == experiments_.end()) return;
  const std::vector<std::string>& trials = found->second.wire;
  request.reserve(std::accumulate(trials.begin(), trials.end(), request.size(),
                                  [](size_t size, const std::string& trial) { return size + trial.size(); }));
  for (const std::string& trial : trials) request += trial;
}

}  // namespace qalam::controller
