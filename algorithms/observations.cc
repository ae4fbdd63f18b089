#include "algorithms/observations.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <tuple>

#include "algorithms/metric_constraints.h"

namespace qalam::algorithms {
namespace {

std::string TextOf(const SearchSpace& space, const Point& point) {
  std::string text;
  for (size_t i = 0; i < point.size(); ++i) text += space.parameters()[i].Text(point[i]) + '\n';
  return text;
}

// What is missing comes last, as NaN has no order.
std::vector<double> SortableValues(const Trial& trial) {
  std::vector<double> values = trial.objectives;
  for (const std::vector<double>& more : {std::vector(1, std::nan("")), trial.constraint_values})
    values.insert(values.end(), more.begin(), more.end());
  for (double& value : values) {
    if (std::isnan(value)) value = std::numeric_limits<double>::infinity();
  }
  return values;
}

double SecondsOf(const Trial& trial) {
  if (!trial.start_time || !trial.completion_time) return 0;
  const double seconds = absl::ToDoubleSeconds(*trial.completion_time - *trial.start_time);
  return std::isfinite(seconds) ? std::max(0.0, seconds) : 0;
}

std::vector<const Trial*> InOrderOfCompletion(const SearchSpace& space, const History& history) {
  std::vector<const Trial*> trials;
  for (const Trial& trial : history.trials) {
    if (trial.point) trials.push_back(&trial);
  }
  const auto key = [](const Trial& trial) {
    return std::make_tuple(trial.completion_time.value_or(absl::InfiniteFuture()),
                           trial.number.value_or(std::numeric_limits<std::int64_t>::max()),
                           trial.start_time.value_or(absl::InfiniteFuture()), std::string_view(trial.name));
  };
  std::sort(trials.begin(), trials.end(), [&](const Trial* a, const Trial* b) {
    if (const auto left = key(*a), right = key(*b); left != right) return left < right;
    const std::string left = TextOf(space, *a->point), right = TextOf(space, *b->point);
    if (left != right) return left < right;
    return std::make_pair(a->status, SortableValues(*a)) < std::make_pair(b->status, SortableValues(*b));
  });
  return trials;
}

// Nothing unless all of them are known.
std::optional<Losses> LossesOf(const Problem& problem, const Trial& trial) {
  Losses losses;
  for (size_t i = 0; i < std::max<size_t>(1, problem.objectives.size()); ++i) {
    if (i >= trial.objectives.size() || !std::isfinite(trial.objectives[i])) return std::nullopt;
    const bool maximized =
        i < problem.objectives.size() && problem.objectives[i].direction == Direction::kMaximize;
    losses.push_back(maximized ? -trial.objectives[i] : trial.objectives[i]);
  }
  return losses;
}

}  // namespace

Observations Observe(const Problem& problem, const History& history) {
  Observations seen;
  const auto point_of = [&](const Trial& trial) { return problem.space.Canonical(*trial.point); };
  for (const Trial* trial : InOrderOfCompletion(problem.space, history)) {
    switch (trial->status) {
      case TrialStatus::kPending:
        seen.pending.push_back(point_of(*trial));
        break;
      case TrialStatus::kSucceeded:
      case TrialStatus::kEarlyStopped:
        if (std::optional<Losses> losses = LossesOf(problem, *trial)) {
          const double first = losses->front();
          seen.finished.push_back({point_of(*trial), first, trial->status == TrialStatus::kEarlyStopped,
                                   SecondsOf(*trial),
                                   Violation(problem.metric_constraints, trial->constraint_values),
                                   trial->constraint_values, *std::move(losses)});
          seen.finished.back().constraint_values.resize(problem.metric_constraints.size(), std::nan(""));
          break;
        }
        [[fallthrough]];
      case TrialStatus::kFailed:
      case TrialStatus::kInfeasible:
      case TrialStatus::kMetricsUnavailable:
        seen.failed.push_back(point_of(*trial));
        seen.failed_after.push_back(seen.finished.size());
        seen.infeasible.push_back(trial->status == TrialStatus::kInfeasible);
        break;
      case TrialStatus::kKilled:
      case TrialStatus::kUnknown:
        break;
    }
  }
  return seen;
}

}  // namespace qalam::algorithms
