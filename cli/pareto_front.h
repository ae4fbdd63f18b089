// The best trials of an experiment with several objectives.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/experiment.h"
#include "base/metric_directions.h"
#include "cli/read_store.h"

namespace qalam::cli {

/// The trials that have a result and that no other trial is better than: none is at least as good in every objective and
/// better in one.
struct ParetoFront {
  std::vector<MetricDirection> objectives;  // the experiment's own first
  std::vector<TrialPtr> trials;             // by the first objective, the best first
  int trials_with_result = 0;
  std::vector<double> best, worst;  // of all trials with a result, one per objective
  /// The share of the box from `worst` to `best` that the front dominates, 0 to 1. Nothing when the box is flat, or when
  /// the front has so many trials and objectives that computing it would take long.
  std::optional<double> hypervolume;
};

/// Nothing for an experiment with one objective. A trial has a result when it has succeeded or was stopped early, every
/// objective has a finite value, and it keeps the constraints on metrics.
std::optional<ParetoFront> FindFront(const api::Experiment& experiment, const std::vector<TrialPtr>& trials);

/// "7 of 30 trials; hypervolume 0.83 of the box from accuracy=0.71 latency=120 to accuracy=0.98 latency=3".
std::string FrontText(const ParetoFront& front);

/// The names of all objectives.
std::vector<std::string> ObjectiveNames(const api::Experiment& experiment);

/// `experiment` with the front in the annotation qalam.dev/pareto-front-report: {"trials": [names], "hypervolume": 0.83,
/// "best": {metric: value}, "worst": {...}}. As it is without a front.
api::Experiment WithFront(api::Experiment experiment, const std::optional<ParetoFront>& front);

}  // namespace qalam::cli
