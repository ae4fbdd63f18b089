// Which checkpoints are deleted, and when: they are what takes disk space.
#pragma once

#include <map>
#include <set>
#include <string>

#include "api/experiment.h"
#include "controller/event_recorder.h"
#include "controller/trial_index.h"
#include "workload/trial_engine.h"

namespace qalam::controller {

/// A checkpoint is kept while a trial may go on from it, and the best trial's for good:
///   - At the end of an experiment that cannot be restarted (resumePolicy Never) all others are deleted.
///   - Members of a population (kGenerationLabel) go on from the generation before. All but the last three generations
///     are deleted when a new one begins; the third one is for services that begin one while trials of another run.
/// What cannot be deleted is told as an event.
///
/// Threads: the event loop's thread only.
class CheckpointKeeper {
 public:
  struct Dependencies {
    TrialIndex& trial_index;
    workload::TrialEngine& engine;
    EventRecorder& events;
  };

  explicit CheckpointKeeper(Dependencies dependencies) : to_(dependencies) {}

  /// `best` is its optimal trial's name; empty: there is none. May be called again.
  void ExperimentEnded(const api::Experiment& experiment, const std::string& best);

  void TrialCreated(const api::Experiment& experiment, const api::Trial& trial);

 private:
  void Delete(const api::Experiment& experiment, const api::Trial& trial);

  Dependencies to_;
  std::set<std::string> ended_;             // uids of experiments
  std::map<std::string, int> generations_;  // the newest one, by uid of the experiment
};

}  // namespace qalam::controller
