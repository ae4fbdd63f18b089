#include "bench/latency.h"

#include <fmt/format.h>
#include <time.h>

#include <cmath>

#include "algorithms/random_engine.h"
#include "bench/median.h"
#include "bench/space_parts.h"

namespace qalam::bench {
namespace {

using algorithms::Rng;

constexpr std::uint64_t kHistoryStream = 0x6c6174656e6379;

double Now(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return 1e3 * static_cast<double>(now.tv_sec) + 1e-6 * static_cast<double>(now.tv_nsec);
}

// A bowl in the quantiles, with a ripple.
double Loss(const algorithms::SearchSpace& space, const algorithms::Point& point) {
  double loss = 0;
  for (const double u : space.ToUnit(point)) loss += (u - 0.4) * (u - 0.4) + 0.02 * std::sin(20 * u);
  return loss;
}

void AddTrial(const algorithms::SearchSpace& space, algorithms::Point point, algorithms::History& history) {
  algorithms::Trial trial;
  const auto number = static_cast<double>(history.trials.size());
  trial.name = fmt::format("trial-{:09}", history.trials.size());
  trial.status = algorithms::TrialStatus::kSucceeded;
  trial.objectives = {Loss(space, point)};
  trial.point = std::move(point);
  trial.start_time = absl::UnixEpoch() + absl::Seconds(number);
  trial.completion_time = absl::UnixEpoch() + absl::Seconds(number + 1);
  history.trials.push_back(std::move(trial));
}

struct Pair {
  double cold = 0, grown = 0;
};

absl::StatusOr<Pair> MeasureOnce(const Optimizer& optimizer, int trials, std::uint64_t number) {
  algorithms::Problem problem;
  problem.space = LatencySpace();
  problem.experiment_name = fmt::format("latency-{}", number);
  problem.objectives = {{"loss", algorithms::Direction::kMinimize}};
  problem.settings = {{"seed", std::to_string(number)}};
  problem.settings.insert(problem.settings.end(), optimizer.settings.begin(), optimizer.settings.end());

  algorithms::History history;
  std::vector<double> u(problem.space.size());
  for (int i = 0; i < trials; ++i) {
    Rng rng({kHistoryStream, number, static_cast<std::uint64_t>(i)});
    for (double& v : u) v = rng.Uniform();
    AddTrial(problem.space, problem.space.FromUnit(u), history);
  }

  const clockid_t clock = optimizer.is_remote ? CLOCK_MONOTONIC : CLOCK_THREAD_CPUTIME_ID;
  Pair pair;
  double start = Now(clock);
  QALAM_ASSIGN_OR_RETURN(const auto algorithm, optimizer.create(problem));
  algorithms::Ask ask;
  ask.handed_out = trials;
  QALAM_ASSIGN_OR_RETURN(const algorithms::Suggestions first, algorithm->Suggest(history, ask));
  pair.cold = Now(clock) - start;
  if (first.proposals.empty()) return absl::InternalError("no point was suggested");

  AddTrial(problem.space, first.proposals[0].point, history);
  ++ask.handed_out;
  start = Now(clock);
  QALAM_RETURN_IF_ERROR(algorithm->Suggest(history, ask).status());
  pair.grown = Now(clock) - start;
  return pair;
}

}  // namespace

algorithms::SearchSpace LatencySpace() {
  const std::vector<std::string> choices = {"a", "b", "c", "d"};
  return Must(algorithms::SearchSpace::Make(
      {Real("x0", 0, 1), Real("x1", -5, 10), LogReal("x2", 1e-5, 1), LogReal("x3", 1e-6, 1e-1),
       Whole("n0", 1, 16), Whole("n1", 0, 100), LogWhole("n2", 16, 1024), OneOf("c0", choices),
       OneOf("c1", choices), OneOf("c2", choices)}));
}

absl::Status MeasureLatency(const LatencyOptions& options, const std::function<void(const Latency&)>& done) {
  std::uint64_t number = 0;
  for (const Optimizer& optimizer : options.optimizers) {
    for (const int trials : options.trials) {
      std::vector<double> cold, grown;
      const double start = Now(CLOCK_MONOTONIC);
      for (int i = 0; i < options.repetitions; ++i) {
        const absl::StatusOr<Pair> pair = MeasureOnce(optimizer, trials, number++);
        if (!pair.ok()) {
          return absl::Status(pair.status().code(), fmt::format("{} with {} trials: {}", optimizer.name,
                                                                trials, MessageOf(pair.status())));
        }
        cold.push_back(pair->cold);
        grown.push_back(pair->grown);
        if (Now(CLOCK_MONOTONIC) - start > 1e3 * options.seconds_per_cell) break;
      }
      done({optimizer.name, trials, Median(cold), Median(grown), static_cast<int>(cold.size())});
    }
  }
  return absl::OkStatus();
}

}  // namespace qalam::bench
