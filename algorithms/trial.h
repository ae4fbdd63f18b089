// What is known of the points that were handed out.
#pragma once

#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "algorithms/search_space.h"

namespace qalam::algorithms {

enum class TrialStatus {
  kPending,  // created or running: no result yet, the point is taken
  kSucceeded,
  kEarlyStopped,        // ended by a rule; its last value and its curve still teach
  kFailed,              // the program ended badly: the point may be infeasible
  kInfeasible,          // the program says that it is
  kKilled,              // ended for reasons that are not the point's: says nothing of it
  kMetricsUnavailable,  // ended well and reported nothing usable
  kUnknown,
};

/// One intermediate report of the first objective.
struct CurvePoint {
  double step = 0;  // the program's own count, or the number of the report, from 1; ascending
  double value = 0;
};

struct Trial {
  std::string name;
  TrialStatus status = TrialStatus::kPending;
  std::optional<Point> point;  // nothing when its values do not fit the space (a trial from elsewhere)
  std::vector<double>
      objectives;  // one per Problem::objectives, in the user's units; NaN: missing or not finite
  std::vector<CurvePoint> curve;
  std::map<std::string, std::string> labels;
  std::optional<std::int64_t> number;  // its place in the order of creation, if the caller knows it
  std::optional<absl::Time> start_time, completion_time;
  std::vector<double> constraint_values;  // one per Problem::metric_constraints; NaN: missing or not finite
  std::map<std::string, std::string> texts;  // values of names that are no parameters of the space
};

/// Trials of another experiment that may teach something about this one. Their points are of this one's space.
struct EarlierExperiment {
  std::string name;
  std::vector<Trial> trials;
};

/// Every trial of the experiment, of every status, in no particular order; names may be strange, points may
/// repeat.
struct History {
  std::vector<Trial> trials;
  std::vector<EarlierExperiment> earlier;  // in the user's order
};

/// Whether the trial has a usable value for every objective: it has ended, well or early.
inline bool HasResult(const Trial& trial) {
  if (trial.status != TrialStatus::kSucceeded && trial.status != TrialStatus::kEarlyStopped) return false;
  if (trial.objectives.empty()) return false;
  for (const double value : trial.objectives) {
    if (!std::isfinite(value)) return false;
  }
  return true;
}

}  // namespace qalam::algorithms
