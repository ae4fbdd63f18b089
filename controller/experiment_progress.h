// How far an experiment is, from its trials alone: counts, lists, the optimal trial, whether it is over.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/experiment.h"
#include "api/trial_facts.h"
#include "controller/metric_bounds.h"

namespace qalam::controller {

using TrialPtr = std::shared_ptr<const api::Trial>;

/// A trial with what is derived from it; made once per state of the trial, because every pass looks at all of them.
struct TrialFacts {
  explicit TrialFacts(TrialPtr of);

  TrialPtr trial;
  api::TrialState state;            // an early-stopped trial counts as running until its observation is there
  bool infeasible;                  // failed because its program said that the parameters cannot work
  std::optional<double> objective;  // the value that may be optimal; nothing for failed trials
};

/// Order of creation: the trial-index annotation, then the creation time, then the name.
bool CreatedBefore(const api::Trial& a, const api::Trial& b);

/// Why an experiment is over.
struct Verdict {
  bool succeeded;
  std::string reason, message;
};

/// `trials` in order of creation. Replaces lists, count and optimal trial of `status`; leaves the rest.
/// The optimal trial has the best finite objective value; the earlier of two equal ones wins. Failed trials and those
/// without usable value are not considered. Of `bounds`, those that violate them less come first: the optimal trial keeps them
/// all if any does.
/// Where no trial has a number, it is the first whose result is a text (text_result.h).
void SummariseTrials(api::ObjectiveType type, const std::vector<TrialFacts>& trials,
                     api::ExperimentStatus& status, const MetricBounds& bounds = {});

/// Trials that count against maxFailedTrialCount: those that failed, except for infeasible ones, whose programs work as
/// they should, and those without metrics.
int CountFailures(const std::vector<TrialFacts>& trials);

/// The completion rules, in order: goal reached, too many failures, all trials done. Nothing when it goes on.
/// `status` as SummariseTrials left it, `failures` as CountFailures counts them. A goal is reached by a trial that keeps the
/// bounds.
std::optional<Verdict> JudgeExperiment(const api::ExperimentSpec& spec, const api::ExperimentStatus& status,
                                       int failures, const MetricBounds& bounds = {});

/// Number of trials to start now: as many as keep parallelTrialCount busy without passing maxTrialCount. Trials that
/// are already active are never counted down: after lowering parallelTrialCount they run to their end.
int TrialsToAdd(const api::ExperimentSpec& spec, const api::ExperimentStatus& status);

}  // namespace qalam::controller
