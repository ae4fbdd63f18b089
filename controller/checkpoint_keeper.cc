#include "controller/checkpoint_keeper.h"

#include <optional>

#include "algorithms/trial_labels.h"

namespace qalam::controller {
namespace {

constexpr int kKeptGenerations = 3;

std::optional<int> GenerationOf(const api::Trial& trial) {
  return algorithms::NumberIn(trial.metadata.labels, algorithms::kGenerationLabel);
}

}  // namespace

void CheckpointKeeper::ExperimentEnded(const api::Experiment& experiment, const std::string& best) {
  if (experiment.spec.resume_policy != api::ResumePolicy::kNever) return;
  if (!ended_.insert(experiment.metadata.uid).second) return;
  for (const TrialFacts& facts : to_.trial_index.Of(experiment.key())) {
    if (facts.trial->metadata.name != best) Delete(experiment, *facts.trial);
  }
}

void CheckpointKeeper::TrialCreated(const api::Experiment& experiment, const api::Trial& trial) {
  const std::optional<int> newest = GenerationOf(trial);
  if (!newest) return;
  int& known = generations_[experiment.metadata.uid];
  if (*newest <= known) return;
  known = *newest;
  for (const TrialFacts& facts : to_.trial_index.Of(experiment.key())) {
    const std::optional<int> generation = GenerationOf(*facts.trial);
    const bool old = generation && *generation <= *newest - kKeptGenerations;
    const bool best = facts.trial->metadata.name == experiment.status.current_optimal_trial.best_trial_name;
    if (old && !best && api::IsFinished(facts.state)) Delete(experiment, *facts.trial);
  }
}

void CheckpointKeeper::Delete(const api::Experiment& experiment, const api::Trial& trial) {
  const absl::Status deleted = to_.engine.DeleteCheckpoint(
      {trial.metadata.namespace_name, trial.metadata.name, trial.metadata.uid}, experiment.metadata.name);
  if (deleted.ok()) return;
  to_.events.Warning(experiment, "experiment-controller", "CheckpointNotDeleted",
                     std::string(MessageOf(deleted)));
}

}  // namespace qalam::controller
