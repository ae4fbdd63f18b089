#include "controller/trial_index.h"

#include <algorithm>

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
  if (at != of.facts.end() && at->trial->metadata.name == trial->metadata.name) {
    *at = TrialFacts(trial);
  } else {
    of.facts.insert(at, TrialFacts(trial));
  }
  of.changed.insert(trial->metadata.name);
}

void TrialIndex::Remove(const api::Trial& trial) {
  const auto found = experiments_.find(ExperimentOf(trial));
  if (found == experiments_.end()) return;
  Trials& of = found->second;
  const auto at = Position(of.facts, trial);
  if (at == of.facts.end() || at->trial->metadata.name != trial.metadata.name) return;
  of.facts.erase(at);
  of.changed.insert(trial.metadata.name);
  if (of.facts.empty()) experiments_.erase(found);
}

const std::vector<TrialFacts>& TrialIndex::Of(const api::ObjectKey& experiment) const {
  static const std::vector<TrialFacts> kNone;
  const auto found = experiments_.find(experiment);
  return found == experiments_.end() ? kNone : found->second.facts;
}

void TrialIndex::LendWire(const api::ObjectKey& experiment, absl::FunctionRef<void(WireTrials&)> use) {
  const auto found = experiments_.find(experiment);
  if (found == experiments_.end()) {
    WireTrials none;
    return use(none);
  }
  Trials& of = found->second;
  if (!of.changed.empty()) Refresh(of);
  use(of.wire);
}

// Finished trials never change again but go out with every request, so only what has changed is converted.
void TrialIndex::Refresh(Trials& of) {
  for (const TrialFacts& facts : of.facts) {
    if (of.changed.erase(facts.trial->metadata.name) == 0) continue;
    Unsend(of, facts.trial->metadata.name);
    if (!IsSent(*facts.trial)) continue;
    of.sent[facts.trial->metadata.name] = of.wire.size();
    *of.wire.Add() = ToWire(*facts.trial);
  }
  for (const std::string& gone : of.changed) Unsend(of, gone);
  of.changed.clear();
}

void TrialIndex::Unsend(Trials& of, const std::string& name) {
  const auto sent = of.sent.find(name);
  if (sent == of.sent.end()) return;
  const int last = of.wire.size() - 1;
  of.sent[of.wire[last].name()] = sent->second;
  of.wire.SwapElements(sent->second, last);
  of.wire.RemoveLast();
  of.sent.erase(name);
}

}  // namespace qalam::controller
