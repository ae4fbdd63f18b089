#include "algorithms/configuration_sampler.h"

#include <algorithm>

#include "algorithms/feasible_points.h"
#include "algorithms/random_engine.h"
#include "algorithms/taken_points.h"

namespace qalam::algorithms {
namespace {

constexpr std::uint64_t kFractionStream = 0x6672616374;
constexpr std::uint64_t kFreeStream = 0x66726565;
constexpr int kMaxRedraws = 32;
constexpr size_t kStopInterval = 64;

int CountDone(const ConfigurationRuns& runs, int level) {
  return static_cast<int>(std::count_if(runs.all().begin(), runs.all().end(), [&](const Configuration& c) {
    return c.runs[level].state == Run::State::kDone;
  }));
}

// The highest level with that many results; -1: none.
int LevelToLearnFrom(const ConfigurationRuns& runs, int min_points) {
  int level = runs.space().levels() - 1;
  while (level >= 0 && CountDone(runs, level) < min_points) --level;
  return level;
}

bool HasRun(const Configuration& configuration, Run::State state) {
  return std::any_of(configuration.runs.begin(), configuration.runs.end(),
                     [&](const Run& run) { return run.state == state; });
}

History HistoryAt(const ConfigurationRuns& runs, int level) {
  History history;
  for (const Configuration& configuration : runs.all()) {
    Trial trial;
    trial.point = configuration.point;
    trial.number = static_cast<std::int64_t>(history.trials.size());
    const Run& run = configuration.runs[level];
    if (run.state == Run::State::kDone || run.state == Run::State::kStopped) {
      trial.status = run.state == Run::State::kDone ? TrialStatus::kSucceeded : TrialStatus::kEarlyStopped;
      trial.objectives = {run.value};
    } else if (HasRun(configuration, Run::State::kFailed)) {
      trial.status = TrialStatus::kFailed;
    } else if (HasRun(configuration, Run::State::kRunning)) {
      trial.status = TrialStatus::kPending;
    } else {
      continue;
    }
    history.trials.push_back(std::move(trial));
  }
  return history;
}

absl::StatusOr<Point> DrawAtRandom(const SearchSpace& space, const TakenPoints& taken, std::uint64_t seed,
                                   std::int64_t number) {
  const auto word = static_cast<std::uint64_t>(number);
  Point point;
  for (std::uint64_t redraw = 0; redraw < kMaxRedraws; ++redraw) {
    Rng rng({seed, word, redraw});
    QALAM_ASSIGN_OR_RETURN(point, DrawFeasibleOrFail(space, rng));
    if (!taken.Contains(point)) return point;
  }
  return taken.AnyFree(HashWords({seed, word, kFreeStream})).value_or(point);
}

}  // namespace

Problem ConfigurationSampler::ModelProblem(const Problem& problem, const FidelitySpace& space,
                                           Settings settings) {
  Problem result = problem;
  result.space = space.configurations();
  result.objectives.resize(1);
  result.objectives[0].direction = Direction::kMinimize;
  result.settings = std::move(settings);
  result.max_trial_count = 0;
  return result;
}

bool ConfigurationSampler::IsModelled(const ConfigurationRuns& runs, int level, std::int64_t number) const {
  if (!model_ || level < 0 || runs.free() == 0) return false;
  Rng rng({options_.seed, kFractionStream, static_cast<std::uint64_t>(number)});
  return rng.Uniform() >= options_.random_fraction;
}

absl::StatusOr<std::vector<Point>> ConfigurationSampler::Draw(const ConfigurationRuns& runs,
                                                              std::span<const std::int64_t> numbers,
                                                              const Ask& ask) const {
  const SearchSpace& space = runs.space().configurations();
  const int level = model_ ? LevelToLearnFrom(runs, options_.min_points) : -1;
  TakenPoints taken(space);
  for (const Configuration& configuration : runs.all()) {
    if (configuration.has_begun()) taken.Add(configuration.point);
  }
  std::vector<Point> points(numbers.size());
  std::vector<size_t> modelled;
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (i % kStopInterval == 0) QALAM_RETURN_IF_ERROR(CheckStop(ask));
    if (IsModelled(runs, level, numbers[i])) {
      modelled.push_back(i);
      continue;
    }
    QALAM_ASSIGN_OR_RETURN(points[i], DrawAtRandom(space, taken, options_.seed, numbers[i]));
    taken.Add(points[i]);
  }
  if (modelled.empty()) return points;
  History history = HistoryAt(runs, level);
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (points[i].empty()) continue;
    Trial& trial = history.trials.emplace_back();
    trial.point = points[i];
    trial.number = static_cast<std::int64_t>(history.trials.size());
  }
  const Ask model_ask = {numbers[modelled.front()], static_cast<int>(modelled.size()), ask.stop_requested};
  QALAM_ASSIGN_OR_RETURN(Suggestions suggestions, model_->Suggest(history, model_ask));
  for (size_t i = 0; i < modelled.size(); ++i) {
    Point& point = suggestions.proposals[i].point;
    // The model knows nothing of configurations that ran at lower levels only.
    if (taken.Contains(point)) {
      QALAM_ASSIGN_OR_RETURN(point, DrawAtRandom(space, taken, options_.seed, numbers[modelled[i]]));
    }
    taken.Add(point);
    points[modelled[i]] = std::move(point);
  }
  return points;
}

}  // namespace qalam::algorithms
