#include "controller/trial_index.h"

#include <algorithm>
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
  const size_t place = static_cast<size_t>(at - of.facts.begin());
  if (at != of.facts.end() && at->trial->metadata.name == trial->metadata.name) {
    *at = TrialFacts(trial);
  } else {
    of.reordered = of.reordered || at != of.facts.end();
    of.facts.insert(at, TrialFacts(trial));
    of.places.push_back(-1);
  }
  of.changed.insert(place);
}

void TrialIndex::Remove(const api::Trial& trial) {
  const auto found = experiments_.find(ExperimentOf(trial));
  if (found == experiments_.end()) return;
  Trials& of = found->second;
  const auto at = Position(of.facts, trial);
  if (at == of.facts.end() || at->trial->metadata.name != trial.metadata.name) return;
  of.facts.erase(at);
  of.places.pop_back();
  of.reordered = true;
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
  Refresh(of);
  use(of.wire);
}

// Finished trials never change again but go out with every request, so only what has changed is converted. New trials
// come at the end; whatever changes places otherwise is rare, and then everything is made anew.
void TrialIndex::Refresh(Trials& of) {
  const auto append = [&](size_t i) {
    of.places[i] = of.wire.size();
    of.sent_end = i + 1;
    *of.wire.Add() = ToWire(*of.facts[i].trial);
  };
  for (const size_t i : of.changed) {
    if (of.reordered) break;
    const bool send = IsSent(*of.facts[i].trial);
    if (send && of.places[i] >= 0) {
      *of.wire.Mutable(of.places[i]) = ToWire(*of.facts[i].trial);
    } else if (send && i >= of.sent_end) {
      append(i);
    } else {
      of.reordered = send || of.places[i] >= 0;
    }
  }
  of.changed.clear();
  if (!std::exchange(of.reordered, false)) return;
  of.wire.Clear();
  of.places.assign(of.facts.size(), -1);
  for (size_t i = 0; i < of.facts.size(); ++i) {
    if (IsSent(*of.facts[i].trial)) append(i);
  }
}

}  // namespace qalam::controller
