// The experiment controller: the three reconcilers on one event loop.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "api/resource_store.h"
#include "base/event_loop.h"
#include "controller/clients.h"
#include "controller/trial_reporting.h"
#include "metrics/metrics_collection.h"
#include "workload/trial_engine.h"

namespace qalam::controller {

/// Watches the store and drives every experiment in it. Everything it decides is derived from the stored resources and
/// what the engine and the services answer, so a new Controller on the same store goes on where another one ended.
///
/// Threads: all functions on the event loop's thread; the loop must not run tasks of this object after its destruction
/// (destroy it on the loop's thread).
class Controller {
 public:
  struct Dependencies {
    EventLoop& loop;
    api::ResourceStore& store;
    ServiceDirectory& services;
    workload::TrialEngine& engine;
    metrics::MetricsCollection& collection;
    TrialReporting* reporting = nullptr;      // null: no trial can report by itself
    std::optional<api::ObjectKey> only = {};  // drive this experiment alone, leave the others as they are
  };

  explicit Controller(Dependencies dependencies);
  ~Controller();

  /// Lists what there is and begins. On an error nothing has begun.
  absl::Status Start();

  /// No new trials from now on; those that run go on to their end.
  void Drain();

  /// Ends the running trials without a verdict: they keep their state and run again, with the same parameters and
  /// names, when a controller finds them without their workload. Implies Drain. Nothing is launched any more.
  void Interrupt();

  /// Whether no workload runs, and every one that has ended by itself has its verdict.
  bool Idle() const;

  /// Called after the engine has told of a change; for those who wait for Idle.
  void SetEngineHandler(std::function<void()> handler);

  /// Called after every change of an experiment, a trial or a suggestion that the controller has seen.
  using ChangeHandler = std::function<void(const api::ResourcePtr& resource, bool deleted)>;
  void SetChangeHandler(ChangeHandler handler);

  /// Called for every metric value of a running trial as it is read, after the trial's stopping rules have seen it. The
  /// controller takes the collection's own handler for itself.
  using PointHandler = metrics::MetricsCollection::PointHandler;
  void SetPointHandler(PointHandler handler);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace qalam::controller
