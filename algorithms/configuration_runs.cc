#include "algorithms/configuration_runs.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

#include "algorithms/taken_points.h"
#include "algorithms/trial_labels.h"
#include "base/number_text.h"

namespace qalam::algorithms {
namespace {

std::vector<const Trial*> InOrderOfCreation(const SearchSpace& space, const History& history) {
  std::vector<const Trial*> trials;
  for (const Trial& trial : history.trials) {
    if (trial.point) trials.push_back(&trial);
  }
  const auto key = [](const Trial& trial) {
    return std::make_tuple(trial.number.value_or(std::numeric_limits<std::int64_t>::max()),
                           trial.start_time.value_or(absl::InfiniteFuture()), std::string_view(trial.name));
  };
  const auto value = [](const Trial& trial) {
    return trial.objectives.empty() || std::isnan(trial.objectives.front())
               ? std::numeric_limits<double>::infinity()
               : trial.objectives.front();
  };
  std::sort(trials.begin(), trials.end(), [&](const Trial* a, const Trial* b) {
    if (const auto left = key(*a), right = key(*b); left != right) return left < right;
    const std::vector<double> left = space.ToUnit(*a->point), right = space.ToUnit(*b->point);
    if (left != right) return left < right;
    return std::make_pair(a->status, value(*a)) < std::make_pair(b->status, value(*b));
  });
  return trials;
}

Run::State StateOf(const Trial& trial) {
  const bool has_value = !trial.objectives.empty() && std::isfinite(trial.objectives.front());
  switch (trial.status) {
    case TrialStatus::kPending:
      return Run::State::kRunning;
    case TrialStatus::kSucceeded:
      return has_value ? Run::State::kDone : Run::State::kFailed;
    case TrialStatus::kEarlyStopped:
      return has_value ? Run::State::kStopped : Run::State::kFailed;
    case TrialStatus::kKilled:
      return Run::State::kNone;
    case TrialStatus::kFailed:
    case TrialStatus::kInfeasible:
    case TrialStatus::kMetricsUnavailable:
    case TrialStatus::kUnknown:
      return Run::State::kFailed;
  }
  return Run::State::kFailed;
}

// How much a state says.
int RankOf(Run::State state) {
  switch (state) {
    case Run::State::kNone:
      return 0;
    case Run::State::kFailed:
      return 1;
    case Run::State::kRunning:
      return 2;
    case Run::State::kStopped:
      return 3;
    case Run::State::kDone:
      return 4;
  }
  return 0;
}

std::optional<int> BracketOf(const Trial& trial) {
  const auto label = trial.labels.find(std::string(kBracketLabel));
  if (label == trial.labels.end()) return std::nullopt;
  const std::optional<long long> number = ParseInt(label->second);
  if (!number || *number < 0 || *number > std::numeric_limits<int>::max()) return std::nullopt;
  return static_cast<int>(*number);
}

}  // namespace

ConfigurationRuns::ConfigurationRuns(const Problem& problem, const FidelitySpace& space,
                                     const History& history)
    : space_(space) {
  const bool maximize =
      !problem.objectives.empty() && problem.objectives.front().direction == Direction::kMaximize;
  for (const Trial* trial : InOrderOfCreation(problem.space, history)) Add(*trial, maximize ? -1 : 1);
  begun_ = std::count_if(all_.begin(), all_.end(), [&](const Configuration& c) {
    return c.has_begun() && space_.configurations().IsFeasible(c.point);
  });
}

std::uint64_t ConfigurationRuns::free() const {
  const std::uint64_t many = SearchSpace::kManyCombinations;
  const std::uint64_t count = space_.count().value_or(many);
  return count >= many ? many : count - std::min(count, begun_);
}

bool ConfigurationRuns::Assume(std::uint64_t key, int level, Run::State state) {
  const auto place = places_.find(key);
  if (place == places_.end() || level < 0 || level >= space_.levels()) return false;
  Run& run = all_[place->second].runs[level];
  if (run.has_ended() || (run.state == Run::State::kNone && run.kills > 0)) return false;
  if (run.state == Run::State::kNone) run.state = state;
  return true;
}

void ConfigurationRuns::Add(const Trial& trial, double sign) {
  const std::optional<int> level = space_.LevelOf(*trial.point);
  if (!level) return;
  Configuration& configuration = Of(space_.ConfigurationOf(*trial.point));
  if (!configuration.bracket) configuration.bracket = BracketOf(trial);
  Run& run = configuration.runs[*level];
  Run::State state = StateOf(trial);
  if (state == Run::State::kNone && ++run.kills >= Run::kMaxKills) state = Run::State::kFailed;
  if (RankOf(state) <= RankOf(run.state)) return;
  run.state = state;
  run.trial = trial.name;
  if (state == Run::State::kDone || state == Run::State::kStopped)
    run.value = sign * trial.objectives.front();
  configuration.first_level = std::min(configuration.first_level, *level);
}

Configuration& ConfigurationRuns::Of(const Point& configuration) {
  const auto [place, added] = places_.emplace(PointKey(space_.configurations(), configuration), all_.size());
  if (added) all_.push_back({configuration, std::vector<Run>(space_.levels()), space_.levels(), {}});
  return all_[place->second];
}

std::vector<size_t> BestFirst(const std::vector<Configuration>& all,
                              const std::vector<size_t>& configurations, int level) {
  std::vector<size_t> done;
  for (const size_t i : configurations) {
    if (all[i].runs[level].state == Run::State::kDone) done.push_back(i);
  }
  std::stable_sort(done.begin(), done.end(),
                   [&](size_t a, size_t b) { return all[a].runs[level].value < all[b].runs[level].value; });
  return done;
}

}  // namespace qalam::algorithms
