#include "metrics/reported_points.h"

#include <algorithm>

#include "metrics/output_tail.h"

namespace qalam::metrics {
namespace {

constexpr size_t kMaxNames = 10;

}  // namespace

void ReportedPoints::Start(const CollectionRequest& request) {
  trials_[request.trial_key] = {.objective = request.objective.objective_metric_name,
                                .log_file = request.log_file,
                                .log_offset = request.log_offset};
}

bool ReportedPoints::Add(const std::string& trial_key, const std::vector<MetricPoint>& points) {
  const auto found = trials_.find(trial_key);
  if (found == trials_.end()) return false;
  Trial& trial = found->second;
  ++trial.reports;
  trial.points += static_cast<std::int64_t>(points.size());
  for (const MetricPoint& point : points) {
    trial.has_objective |= point.name == trial.objective;
    if (trial.names.size() < kMaxNames &&
        std::find(trial.names.begin(), trial.names.end(), point.name) == trial.names.end()) {
      trial.names.push_back(point.name);
    }
  }
  return true;
}

bool ReportedPoints::HasObjective(const std::string& trial_key) const {
  const auto found = trials_.find(trial_key);
  return found != trials_.end() && found->second.has_objective;
}

void ReportedPoints::Finish(const std::string& trial_key, CollectionSummary& summary) {
  const auto node = trials_.extract(trial_key);
  if (node.empty()) return;
  Trial& trial = node.mapped();
  summary.points += trial.points;
  summary.reports = trial.reports;
  summary.reported = std::move(trial.names);
  summary.collector_last_lines = std::move(summary.last_lines);
  summary.last_lines = LastLines(trial.log_file, trial.log_offset);
}

}  // namespace qalam::metrics
