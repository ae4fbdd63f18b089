#include "cli/recorded_trials.h"

#include <algorithm>

#include "api/trial_facts.h"
#include "cli/resource_facts.h"

namespace qalam::cli {
namespace {

// Seconds since `origin`; nothing for the time that stands for none.
std::optional<double> SecondsOf(const std::string& time_stamp, absl::Time origin) {
  absl::Time time;
  if (time_stamp.starts_with("0001-") || !absl::ParseTime(absl::RFC3339_full, time_stamp, &time, nullptr))
    return std::nullopt;
  return absl::ToDoubleSeconds(time - origin);
}

void SpreadPoints(const std::vector<std::optional<double>>& times, bench::RecordedTrial& trial) {
  double last = trial.start;
  for (size_t i = 0; i < trial.points.size(); ++i) {
    const double share = static_cast<double>(i + 1) / static_cast<double>(trial.points.size());
    const double time = times[i].value_or(trial.start + share * (trial.end - trial.start));
    last = trial.points[i].seconds = std::max(last, time);
  }
  trial.end = std::max(trial.end, last);
}

}  // namespace

std::optional<algorithms::Point> PointOf(const algorithms::SearchSpace& space, const api::Trial& trial) {
  algorithms::Point point;
  for (const algorithms::Parameter& parameter : space.parameters()) {
    std::optional<algorithms::Value> value;
    for (const api::ParameterAssignment& assignment : trial.spec.parameter_assignments) {
      if (assignment.name == parameter.name()) value = parameter.Parse(assignment.value);
    }
    if (!value) return std::nullopt;
    point.push_back(*value);
  }
  return point;
}

absl::StatusOr<std::vector<bench::RecordedTrial>> RecordedTrials(const ReadStore& store,
                                                                 const algorithms::SearchSpace& space,
                                                                 const std::vector<TrialPtr>& trials) {
  std::vector<TrialPtr> finished;
  absl::Time origin = absl::InfiniteFuture();
  for (const TrialPtr& trial : trials) {
    if (!api::IsFinished(StateOf(*trial)) || !trial->status.start_time || !FinishTime(*trial)) continue;
    finished.push_back(trial);
    origin = std::min(origin, *trial->status.start_time);
  }
  std::vector<bench::RecordedTrial> recorded;
  for (const TrialPtr& trial : finished) {
    const TrialState state = StateOf(*trial);
    bench::RecordedTrial& to = recorded.emplace_back();
    to.name = trial->metadata.name;
    to.point = PointOf(space, *trial);
    to.start = absl::ToDoubleSeconds(*trial->status.start_time - origin);
    to.end = std::max(to.start, absl::ToDoubleSeconds(*FinishTime(*trial) - origin));
    to.stopped = state == TrialState::kEarlyStopped;
    to.succeeded = state == TrialState::kSucceeded || to.stopped;
    std::vector<std::optional<double>> times;
    QALAM_RETURN_IF_ERROR(store.Curve(*trial, [&](const CurvePoint& point) {
      times.push_back(SecondsOf(point.time, origin));
      to.points.push_back({0, point.metric, point.value});
    }));
    SpreadPoints(times, to);
  }
  return recorded;
}

}  // namespace qalam::cli
