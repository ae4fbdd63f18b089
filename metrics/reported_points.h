// What trials have reported by themselves, for the summaries of their collections.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "metrics/metrics_collection.h"

namespace qalam::metrics {

/// Threads: the loop's.
class ReportedPoints {
 public:
  /// Begins to count for a trial.
  void Start(const CollectionRequest& request);

  /// False for a trial that is not counted for.
  bool Add(const std::string& trial_key, const std::vector<MetricPoint>& points);

  bool HasObjective(const std::string& trial_key) const;

  /// Forgets the trial, and fills in what is known of its reports and, as nothing else reads it, the end of its output.
  void Finish(const std::string& trial_key, CollectionSummary& summary);

  void Forget(const std::string& trial_key) { trials_.erase(trial_key); }

 private:
  struct Trial {
    std::string objective, log_file;
    std::int64_t log_offset = 0, reports = 0, points = 0;
    std::vector<std::string> names;
    bool has_objective = false;
  };

  std::map<std::string, Trial> trials_;
};

}  // namespace qalam::metrics
