// Keeps a Suggestion supplied: as many assignments as were requested.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "api/resource_store.h"
#include "api/suggestion.h"
#include "controller/clients.h"
#include "controller/earlier_experiments.h"
#include "controller/event_recorder.h"
#include "controller/resource_cache.h"
#include "controller/trial_index.h"
#include "controller/work_queue.h"

namespace qalam::controller {

/// Validates the algorithm's settings once, then asks the suggestion service for what is missing and, with early
/// stopping, for the rules of the batch; both are stored together. What the algorithm returns as settings is kept and
/// sent back with the next request: it is the only state of the protocol.
///
/// Trials of earlier experiments (earlier_experiments.h) go out with every request, before the experiment's own. Which, is told
/// as condition WarmStarted and as an event of the experiment.
///
/// A service that cannot be reached is asked again with back-off, shown as condition Delayed. One that returns fewer
/// points than asked is taken at its word and asked again. OUT_OF_RANGE means that the space has no point left:
/// condition Exhausted. Without an answer of the early-stopping service trials start without rules, which is told as an
/// event: they get newer ones while they run.
///
/// Threads: the event loop's thread only.
class SuggestionReconciler {
 public:
  struct Dependencies {
    EventLoop& loop;
    api::ResourceStore& store;
    ResourceCache& experiments;
    ResourceCache& suggestions;
    TrialIndex& trials;
    ServiceDirectory& services;
    EventRecorder& events;
  };

  explicit SuggestionReconciler(Dependencies dependencies);
  ~SuggestionReconciler();

  ReconcileResult Reconcile(const api::ObjectKey& key);

  /// Called when a reply has come and the suggestion needs another pass.
  void SetWakeUp(std::function<void(const api::ObjectKey&)> wake_up) { wake_up_ = std::move(wake_up); }

 private:
  enum class Step { kIdle, kBusy, kDone };

  struct Batch {
    wire::GetSuggestionsReply reply;
    std::vector<api::EarlyStoppingRule> rules;
    int asked = 0;
  };

  struct Progress {
    std::string uid;
    Step validating = Step::kIdle;
    Step asking = Step::kIdle;
    bool one_at_a_time = false;  // the space has fewer points left than a batch
    bool paused = false;         // between a setback and the next try
    int setbacks = 0;            // in a row; the pause grows with them
    absl::Status error;          // of the last call, taken by the next pass
    Batch batch;                 // the last reply, taken by the next pass
    std::set<std::string, std::less<>>
        names;  // of the suggestions held; as many as there are, or out of date
  };

  ReconcileResult Validate(const api::Suggestion& suggestion, const api::Experiment& experiment,
                           Progress& progress);
  void ValidateEarlyStopping(const api::ObjectKey& key, const std::string& uid,
                             const api::AlgorithmSpec& spec);
  void Ask(const api::Suggestion& suggestion, const api::Experiment& experiment, Progress& progress);
  void AppendEarlierTrials(const api::Experiment& experiment, std::string& request);
  void AskForRules(const api::ObjectKey& key, const std::string& uid, const std::string& algorithm,
                   const std::string& request);
  ReconcileResult Take(const api::Suggestion& suggestion, Progress& progress);
  ReconcileResult TakeError(const api::Suggestion& suggestion, Progress& progress, const absl::Status& error);
  ReconcileResult Fail(const api::Suggestion& suggestion, const absl::Status& error);
  ReconcileResult Delay(const api::Suggestion& suggestion, Progress& progress, std::string_view reason,
                        const absl::Status& error);
  void Pause(const api::ObjectKey& key, Progress& progress);
  absl::Status WriteStatus(const api::Suggestion& suggestion, api::SuggestionStatus status);
  Progress* Find(const api::ObjectKey& key, const std::string& uid);
  void Finish(const api::ObjectKey& key, const std::string& uid, Step Progress::*step,
              const absl::Status& status);

  Dependencies to_;
  EarlierExperiments earlier_{to_.store};
  std::function<void(const api::ObjectKey&)> wake_up_ = [](const api::ObjectKey&) {};
  std::map<api::ObjectKey, Progress> progress_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace qalam::controller
