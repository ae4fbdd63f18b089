#include "algorithms/observations.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <tuple>

namespace qalam::algorithms {
namespace {

std::string TextOf(const SearchSpace& space, const Point& point) {
  std::string text;
  for (size_t i = 0; i < point.size(); ++i) text += space.parameters()[i].Text(point[i]) + '\n';
  return text;
}

// Of the first objective; what is missing comes last, as NaN has no order.
double ValueOf(const Trial& trial) {
  const double value = trial.objectives.empty() ? std::nan("") : trial.objectives.front();
  return std::isnan(value) ? std::numeric_limits<double>::infinity() : value;
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
    return std::make_pair(a->status, ValueOf(*a)) < std::make_pair(b->status, ValueOf(*b));
  });
  return trials;
}

}  // namespace

Observations Observe(const Problem& problem, const History& history) {
  const double sign =
      !problem.objectives.empty() && problem.objectives.front().direction == Direction::kMaximize ? -1 : 1;
  Observations seen;
  for (const Trial* trial : InOrderOfCompletion(problem.space, history)) {
    switch (trial->status) {
      case TrialStatus::kPending:
        seen.pending.push_back(*trial->point);
        break;
      case TrialStatus::kSucceeded:
      case TrialStatus::kEarlyStopped:
        if (!trial->objectives.empty() && std::isfinite(trial->objectives.front())) {
          seen.finished.push_back({*trial->point, sign * trial->objectives.front(),
                                   trial->status == TrialStatus::kEarlyStopped, SecondsOf(*trial)});
          break;
        }
        [[fallthrough]];
      case TrialStatus::kFailed:
      case TrialStatus::kInfeasible:
      case TrialStatus::kMetricsUnavailable:
        seen.failed.push_back(*trial->point);
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
