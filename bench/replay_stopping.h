// What an early-stopping rule would have done to trials that were really run.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "algorithms/search_space.h"
#include "api/experiment.h"
#include "base/status.h"
#include "bench/stopping.h"

namespace qalam::bench {

/// A report of a trial.
struct RecordedPoint {
  double seconds = 0;  // on the experiment's clock; never before the point before
  std::string metric, value;
};

struct RecordedTrial {
  std::string name;
  std::optional<algorithms::Point> point;
  double start = 0, end = 0;  // on the experiment's clock, in seconds
  bool succeeded = false;     // or was ended by a rule; else it failed, and is no result
  bool stopped = false;       // by a rule of its own: the recording ends there
  std::vector<RecordedPoint> points;
};

struct ReplayedTrial {
  std::string name;
  int reports = 0, reports_used = 0;  // of the objective: recorded, and until the rule ended the trial
  double seconds = 0, seconds_used = 0;
  bool stopped = false;
  std::string reason;  // "loss 0.71 at report 12 is greater than 0.52"; empty unless stopped
  std::optional<double> recorded, replayed;  // results, by the objective's strategy
};

struct StoppingReplay {
  std::vector<ReplayedTrial> trials;  // in the order of their starts
  int stopped = 0;
  std::int64_t reports = 0, reports_used = 0;
  double seconds = 0, seconds_used = 0;
  std::optional<double> best, best_replayed;  // in the objective's direction; nothing without a result
  std::string best_trial, best_trial_replayed;
};

/// Plays the trials back with the starts and the reports they had, while the rules that `stopping` derives from what was known
/// by then are checked by the class that stops real trials: a trial gets the newest rules as it starts and, with
/// Stopping::refresh, whenever another one has ended. A trial that they condemn ends there. What would have been started in its
/// place is not known, so starts stay as they were: what is exact is what each of these trials would have met.
///
/// Without a rule nothing is stopped. A pure function. INVALID_ARGUMENT: settings that the rule refuses.
absl::StatusOr<StoppingReplay> ReplayStopping(const api::ObjectiveSpec& objective,
                                              const algorithms::SearchSpace& space,
                                              const std::vector<RecordedTrial>& trials,
                                              const Stopping& stopping);

}  // namespace qalam::bench
