#include "bench/run.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "algorithms/hypervolume.h"
#include "algorithms/random_engine.h"
#include "bench/median.h"
#include "bench/search.h"

namespace qalam::bench {
namespace {

using algorithms::Rng;
using algorithms::TrialStatus;

constexpr std::uint64_t kNoiseStream = 0x6e6f697365;

class Session {
 public:
  Session(const Optimizer& optimizer, const Problem& problem, const RunOptions& options)
      : optimizer_(optimizer),
        problem_(problem),
        options_(options),
        search_(optimizer, problem, {options.seed, options.budget, options.batch}) {}

  absl::Status Run() {
    QALAM_RETURN_IF_ERROR(search_.Begin());
    while (finished_ < options_.budget) {
      const bool may_ask = options_.mode == BatchMode::kAsync || running_.empty();
      const int wanted = std::min(options_.batch - static_cast<int>(running_.size()),
                                  options_.budget - static_cast<int>(history_.trials.size()));
      if (may_ask && wanted > 0 && !search_.exhausted()) QALAM_RETURN_IF_ERROR(AskFor(wanted));
      if (running_.empty()) break;
      const auto next =
          std::min_element(running_.begin(), running_.end(), [](const Worker& a, const Worker& b) {
            return std::tie(a.end, a.trial) < std::tie(b.end, b.trial);
          });
      Finish(*next);
      running_.erase(next);
    }
    if (curve_.empty() && finished_ > 0)
      return absl::FailedPreconditionError(fmt::format("no evaluation gave a result: {}", first_failure_));
    return absl::OkStatus();
  }

  RunRecord Record() const {
    RunRecord record;
    record.optimizer = optimizer_.name;
    record.problem = problem_.name;
    record.seed = options_.seed;
    record.batch = options_.batch;
    record.mode = ModeText(options_.batch, options_.mode);
    record.evaluations = finished_;
    record.curve = curve_;
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    record.peak_memory_mb = usage.ru_maxrss / 1024;
    for (size_t i = 0; i < kHistoryLengths.size(); ++i) {
      const int length = kHistoryLengths[i];
      std::vector<double> near;
      for (const Cost& cost : costs_) {
        if (cost.history >= 0.9 * length - options_.batch && cost.history <= 1.05 * length)
          near.push_back(1000 * cost.seconds);
      }
      if (finished_ >= length && !near.empty()) record.milliseconds[i] = Median(std::move(near));
    }
    return record;
  }

 private:
  struct Worker {
    double end;  // on the simulated clock
    size_t trial;
  };
  struct Cost {
    int history;     // finished trials when the point was asked for
    double seconds;  // per point
  };

  absl::Status AskFor(int count) {
    QALAM_ASSIGN_OR_RETURN(Search::Answer answer, search_.Ask(history_, count));
    for (algorithms::Proposal& proposal : answer.proposals) {
      costs_.push_back({finished_, answer.seconds});
      const size_t number = history_.trials.size();
      const bool varies = options_.mode == BatchMode::kAsync && options_.batch > 1;
      running_.push_back({now_ + (varies ? TrialSlowness(options_.seed, number) : 1), number});
      history_.trials.push_back(StartedTrial(std::move(proposal), number, now_));
    }
    return absl::OkStatus();
  }

  // Far worse than a random point, so that a run has a curve before it has a feasible one.
  double ValueOfInfeasible() const { return problem_.best.value_or(0) + 10 * problem_.scale.value_or(1); }

  void Finish(const Worker& worker) {
    now_ = worker.end;
    ++finished_;
    algorithms::Trial& trial = history_.trials[worker.trial];
    trial.completion_time = absl::UnixEpoch() + absl::Seconds(now_);
    const absl::StatusOr<std::vector<double>> losses = LossesAt(*trial.point);
    if (!losses.ok() ||
        !std::all_of(losses->begin(), losses->end(), [](double l) { return std::isfinite(l); })) {
      trial.status = losses.ok() ? TrialStatus::kMetricsUnavailable : TrialStatus::kFailed;
      trial.objectives = {std::numeric_limits<double>::quiet_NaN()};
      if (first_failure_.empty()) {
        first_failure_ = losses.ok() ? fmt::format("the value is {}", fmt::join(*losses, ", "))
                                     : std::string(MessageOf(losses.status()));
      }
      return;
    }
    const double noise =
        problem_.noise > 0 ? problem_.noise * Rng({options_.seed, kNoiseStream, worker.trial}).Normal() : 0;
    trial.status = TrialStatus::kSucceeded;
    trial.objectives = *losses;
    trial.objectives.front() += noise;
    if (problem_.metrics) trial.constraint_values = problem_.metrics(*trial.point);
    const double value = KeepsConstraints(problem_, *trial.point) ? ValueWith(*losses) : ValueOfInfeasible();
    if (value >= lowest_) return;
    lowest_ = value;
    const double regret = Rounded(Regret(problem_, value));
    if (curve_.empty() || regret < curve_.back().regret) curve_.push_back({finished_, regret});
  }

  absl::StatusOr<std::vector<double>> LossesAt(const algorithms::Point& point) const {
    if (problem_.front) return problem_.front->losses(point);
    QALAM_ASSIGN_OR_RETURN(const double loss, problem_.evaluate(point));
    return std::vector<double>{loss};
  }

  // What has been reached with one more evaluation: its loss, or minus the hypervolume of all of them.
  double ValueWith(const std::vector<double>& losses) {
    if (!problem_.front) return losses.front();
    front_.push_back(losses);
    std::vector<algorithms::Losses> efficient;
    for (const size_t i : algorithms::ParetoFront(front_)) efficient.push_back(std::move(front_[i]));
    front_ = std::move(efficient);
    return -algorithms::Hypervolume(front_, problem_.front->reference);
  }

  const Optimizer& optimizer_;
  const Problem& problem_;
  const RunOptions options_;
  Search search_;
  algorithms::History history_;
  std::vector<Worker> running_;
  std::vector<Cost> costs_;
  std::vector<Improvement> curve_;
  std::vector<algorithms::Losses> front_;  // where there are several losses: no one dominates another
  std::string first_failure_;
  double now_ = 0;
  double lowest_ = std::numeric_limits<double>::infinity();
  int finished_ = 0;
};

}  // namespace

std::string ModeText(int batch, BatchMode mode) {
  return batch > 1 && mode == BatchMode::kAsync ? "async" : "sync";
}

absl::StatusOr<RunRecord> RunOne(const Optimizer& optimizer, const Problem& problem,
                                 const RunOptions& options) {
  const double start = Seconds(CLOCK_THREAD_CPUTIME_ID);
  Session session(optimizer, problem, options);
  QALAM_RETURN_IF_ERROR(session.Run());
  RunRecord record = session.Record();
  record.cpu_seconds = Seconds(CLOCK_THREAD_CPUTIME_ID) - start;
  return record;
}

}  // namespace qalam::bench
