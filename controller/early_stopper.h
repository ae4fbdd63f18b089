// Ends running trials whose early-stopping rules have fired.
#pragma once

#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "api/trial.h"
#include "controller/event_recorder.h"
#include "controller/resource_cache.h"
#include "metrics/stop_rule_set.h"
#include "workload/trial_engine.h"

namespace qalam::controller {

/// Holds the rules of every running trial, checks them on each value as it is read, and has the engine stop the trial
/// the moment all of them have fired. That the trial is then marked is the reconciler's part: it finds the verdict here.
/// What is read after the program has ended by itself stops nothing.
///
/// Rules that cannot be understood, as an outside service may send them, are told as an event of the experiment and not
/// applied.
///
/// Threads: the event loop's thread only. Kept in memory alone: a trial that is run again begins anew.
class EarlyStopper {
 public:
  struct Dependencies {
    ResourceCache& experiments;
    workload::TrialEngine& engine;
    EventRecorder& events;
  };

  explicit EarlyStopper(Dependencies dependencies) : to_(dependencies) {}

  /// Called when a trial has been condemned and needs a pass.
  void SetWakeUp(std::function<void(const api::ObjectKey& trial)> wake_up) { wake_up_ = std::move(wake_up); }

  /// Called when a trial has reported of its objective in an experiment whose rules change with that.
  void SetReported(std::function<void(const api::ObjectKey& experiment)> reported) {
    reported_ = std::move(reported);
  }

  /// An attempt of the trial begins, with the trial's rules or with newer ones it was given; what an earlier attempt has
  /// reported is forgotten. Trials of experiments without early stopping cost nothing.
  void Watch(const api::Trial& trial);

  /// The trial has ended or is gone.
  void Forget(const std::string& uid) { trials_.erase(uid); }

  /// A value that the trial with this uid has reported.
  void Add(const std::string& uid, const metrics::MetricPoint& point);

  /// Replaces the rules of the experiment's watched trials and checks them at once against what was reported.
  void SetRules(const api::Experiment& experiment, const std::vector<api::EarlyStoppingRule>& rules);

  /// Whether rules may stop the trial, which then should be followed closely.
  bool Watches(const api::Trial& trial) const { return trials_.contains(trial.metadata.uid); }

  /// Whether any trial of the experiment is watched.
  bool Watches(const api::ObjectKey& experiment) const;

  /// Why the trial was stopped, as its condition says it; null while it was not.
  const std::string* Verdict(const std::string& uid) const;

 private:
  struct Watched {
    workload::TrialRef trial;
    api::ObjectKey experiment;
    std::string algorithm;  // where the rules come from
    std::string followed;   // the metric that the algorithm looks at while trials run; empty: none
    metrics::StopRuleSet rules;
    std::string verdict = {};
  };

  void Judge(Watched& watched);
  void ReportInvalid(const api::Experiment& experiment, const absl::Status& status);

  Dependencies to_;
  std::function<void(const api::ObjectKey&)> wake_up_ = [](const api::ObjectKey&) {};
  std::function<void(const api::ObjectKey&)> reported_ = [](const api::ObjectKey&) {};
  std::unordered_map<std::string, Watched> trials_;  // by uid
};

}  // namespace qalam::controller
