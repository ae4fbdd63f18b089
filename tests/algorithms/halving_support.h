// What the tests of successive halving share: histories written by hand, and whole experiments.
#pragma once

#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "algorithms/configuration_runs.h"
#include "algorithms/random_engine.h"
#include "algorithms/taken_points.h"
#include "tests/algorithms/support.h"

namespace qalam::algorithms::testing {

/// x in 0 .. 1, and epochs from 1 to `most` as the resource.
inline Problem EpochsProblem(int most, Settings settings = {}) {
  settings.insert(settings.begin(),
                  {{"resource_name", "epochs"}, {"r_l", std::to_string(most)}, {"eta", "3"}, {"seed", "5"}});
  Problem problem = ProblemOf({Real("x", 0, 1), Whole("epochs", 1, most)}, std::move(settings));
  problem.parallel_trial_count = 4;
  return problem;
}

/// Trial "t<number>" of EpochsProblem: its configuration is `x`, its value too, unless one is given.
inline Trial TrialAt(int number, double x, std::int64_t epochs,
                     TrialStatus status = TrialStatus::kSucceeded) {
  Trial trial;
  trial.name = "t" + std::to_string(number);
  trial.number = number;
  trial.status = status;
  trial.point = Point{x, epochs};
  if (status == TrialStatus::kSucceeded || status == TrialStatus::kEarlyStopped) trial.objectives = {x};
  return trial;
}

/// An experiment that a controller runs: exact counts, and every trial sent each time in whatever order.
class Experiment {
 public:
  struct World {
    bool labels = true;       // come back with the trials
    bool settings = true;     // that were returned come back
    bool numbers = true;      // trials have numbers, not only times of whole seconds
    double lost_replies = 0;  // of the calls
    double failed = 0, killed = 0, stopped = 0;
    double hidden = 0;  // of the trials: those without metrics, which Katib's controller does not send
    int parallel = 4;
    std::uint64_t seed = 1;
  };

  Experiment(std::string algorithm, Problem problem, const World& world)
      : algorithm_(std::move(algorithm)),
        problem_(std::move(problem)),
        settings_(problem_.settings),
        world_(world),
        rng_({world.seed}) {}

  /// Runs until so many trials have ended.
  void Run(int trials) {
    const int end = ended_ + trials;
    while (ended_ < end && !::testing::Test::HasFailure()) {
      const int free = world_.parallel - static_cast<int>(running_.size());
      if (free > 0) AskFor(1 + static_cast<int>(rng_.Below(free)));
      if (!running_.empty() && rng_.Uniform() < 0.7) EndOne();
    }
  }

  const std::vector<Trial>& trials() const { return trials_; }
  const Problem& problem() const { return problem_; }

  /// How many succeeded with this much of the resource, the last parameter.
  int Succeeded(std::int64_t resource) const {
    int count = 0;
    for (const Trial& trial : trials_) {
      count +=
          trial.status == TrialStatus::kSucceeded && std::get<std::int64_t>(trial.point->back()) == resource;
    }
    return count;
  }

  /// Trials whose point was run before, though no trial of it was killed.
  int Repeated() const {
    std::map<std::uint64_t, bool> killed;
    int repeated = 0;
    for (const Trial& trial : trials_) {
      const auto [place, added] = killed.emplace(PointKey(problem_.space, *trial.point), false);
      repeated += !added && !place->second;
      place->second |= trial.status == TrialStatus::kKilled;
    }
    return repeated;
  }

 private:
  void AskFor(int count) {
    Problem problem = problem_;
    problem.settings = settings_;
    problem.parallel_trial_count = world_.parallel;
    const Suggestions answer = Must(Create(algorithm_, problem)->Suggest(Sent(), {handed_out_, count, {}}));
    ASSERT_EQ(answer.proposals.size(), static_cast<size_t>(count));
    if (rng_.Uniform() < world_.lost_replies) return;
    handed_out_ += count;
    if (world_.settings) {
      for (const Setting& setting : answer.settings) settings_.push_back(setting);
    }
    for (const Proposal& proposal : answer.proposals) {
      for (size_t j = 0; j < proposal.point.size(); ++j) {
        const Parameter& parameter = problem_.space.parameters()[j];
        ASSERT_EQ(parameter.Parse(parameter.Text(proposal.point[j])), proposal.point[j]);
      }
      Trial trial;
      trial.name = "e1-" + std::to_string(HashWords({world_.seed, trials_.size()}));
      if (world_.numbers) trial.number = static_cast<std::int64_t>(trials_.size());
      trial.start_time = absl::FromUnixSeconds(clock_ += static_cast<int>(rng_.Below(2)));
      trial.point = proposal.point;
      if (world_.labels) trial.labels = proposal.labels;
      running_.push_back(trials_.size());
      trials_.push_back(std::move(trial));
    }
  }

  void EndOne() {
    const size_t i = rng_.Below(running_.size());
    Trial& trial = trials_[running_[i]];
    running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
    ++ended_;
    trial.completion_time = absl::FromUnixSeconds(++clock_);
    double u = rng_.Uniform();
    const auto happens = [&](double share) { return (u -= share) < 0; };
    trial.status = happens(world_.failed)    ? TrialStatus::kFailed
                   : happens(world_.killed)  ? TrialStatus::kKilled
                   : happens(world_.hidden)  ? TrialStatus::kMetricsUnavailable
                   : happens(world_.stopped) ? TrialStatus::kEarlyStopped
                                             : TrialStatus::kSucceeded;
    if (HasValue(trial)) trial.objectives = {ValueOf(*trial.point)};
  }

  static bool HasValue(const Trial& trial) {
    return trial.status == TrialStatus::kSucceeded || trial.status == TrialStatus::kEarlyStopped;
  }

  // Best in the middle; more of the resource is better.
  double ValueOf(const Point& point) const {
    double sum = 0;
    const std::vector<double> u = problem_.space.ToUnit(point);
    for (size_t j = 0; j + 1 < u.size(); ++j) sum += (u[j] - 0.5) * (u[j] - 0.5);
    return sum + 0.1 * (1 - u.back());
  }

  History Sent() {
    History history;
    for (const Trial& trial : trials_) {
      if (world_.hidden > 0 && trial.status == TrialStatus::kMetricsUnavailable) continue;
      history.trials.push_back(trial);
    }
    for (size_t i = history.trials.size(); i > 1; --i)
      std::swap(history.trials[i - 1], history.trials[rng_.Below(i)]);
    return history;
  }

  const std::string algorithm_;
  const Problem problem_;
  Settings settings_;
  const World world_;
  Rng rng_;
  std::vector<Trial> trials_;
  std::vector<size_t> running_;
  int ended_ = 0, clock_ = 0;
  std::int64_t handed_out_ = 0;
};

}  // namespace qalam::algorithms::testing
