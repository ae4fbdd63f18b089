#include "bench/run.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <climits>
#include <cmath>
#include <limits>

#include "algorithms/random_engine.h"
#include "bench/median.h"

namespace qalam::bench {
namespace {

using algorithms::Algorithm;
using algorithms::Point;
using algorithms::Rng;
using algorithms::TrialStatus;

constexpr std::uint64_t kNoiseStream = 0x6e6f697365;
constexpr std::uint64_t kDurationStream = 0x636c6f636b;

double Seconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

bool FitsSpace(const algorithms::SearchSpace& space, const Point& point) {
  if (point.size() != space.size()) return false;
  for (size_t i = 0; i < point.size(); ++i) {
    const algorithms::Parameter& parameter = space.parameters()[i];
    const algorithms::Value& value = point[i];
    switch (parameter.type()) {
      case algorithms::ParameterType::kDouble: {
        const auto* number = std::get_if<double>(&value);
        if (number == nullptr || !(*number >= parameter.range().min && *number <= parameter.range().max))
          return false;
        break;
      }
      case algorithms::ParameterType::kInt: {
        const auto* number = std::get_if<std::int64_t>(&value);
        if (number == nullptr || static_cast<double>(*number) < parameter.range().min ||
            static_cast<double>(*number) > parameter.range().max)
          return false;
        break;
      }
      default: {
        const auto* choice = std::get_if<algorithms::Choice>(&value);
        if (choice == nullptr || choice->index >= parameter.list().size()) return false;
      }
    }
  }
  return true;
}

class Session {
 public:
  Session(const Optimizer& optimizer, const Problem& problem, const RunOptions& options)
      : optimizer_(optimizer),
        problem_(problem),
        options_(options),
        clock_(optimizer.is_remote ? CLOCK_MONOTONIC : CLOCK_THREAD_CPUTIME_ID) {
    definition_.experiment_name = fmt::format("bench-{}-{}", problem.name, options.seed);
    definition_.space = problem.space;
    definition_.objectives = {{"loss", algorithms::Direction::kMinimize}};
    definition_.settings = {{"seed", std::to_string(options.seed)}};
    definition_.settings.insert(definition_.settings.end(), optimizer.settings.begin(),
                                optimizer.settings.end());
    definition_.parallel_trial_count = options.batch;
    definition_.max_trial_count = options.budget;
    if (const auto points = problem.space.combinations(); points && *points < INT_MAX)  // grid allows no more
      definition_.max_trial_count = std::min(options.budget, static_cast<int>(*points));
  }

  absl::Status Run() {
    QALAM_ASSIGN_OR_RETURN(algorithm_, optimizer_.create(definition_));
    while (finished_ < options_.budget) {
      const bool may_ask = options_.mode == BatchMode::kAsync || running_.empty();
      const int wanted = std::min(options_.batch - static_cast<int>(running_.size()),
                                  options_.budget - static_cast<int>(history_.trials.size()));
      if (may_ask && wanted > 0 && !exhausted_) QALAM_RETURN_IF_ERROR(AskFor(wanted));
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
    record.mode = options_.batch > 1 && options_.mode == BatchMode::kAsync ? "async" : "sync";
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
    algorithms::Ask ask;
    ask.handed_out = static_cast<std::int64_t>(history_.trials.size());
    ask.count = count;
    const double start = Seconds(clock_);
    absl::StatusOr<algorithms::Suggestions> suggestions = algorithm_->Suggest(history_, ask);
    if (absl::IsOutOfRange(suggestions.status()) && count > 1) {
      ask.count = count = 1;  // fewer are left than were asked
      suggestions = algorithm_->Suggest(history_, ask);
    }
    if (absl::IsOutOfRange(suggestions.status())) {
      exhausted_ = true;
      return absl::OkStatus();
    }
    QALAM_RETURN_IF_ERROR(suggestions.status());
    const double seconds = (Seconds(clock_) - start) / count;
    const size_t given = suggestions->proposals.size();
    const bool may_be_fewer = optimizer_.is_remote && given > 0;
    if (given > static_cast<size_t>(count) || (given < static_cast<size_t>(count) && !may_be_fewer)) {
      return absl::InternalError(fmt::format("{} points instead of {}", given, count));
    }
    for (algorithms::Proposal& proposal : suggestions->proposals) {
      if (!FitsSpace(problem_.space, proposal.point)) return absl::InternalError("a point outside the space");
      costs_.push_back({finished_, seconds});
      Start(std::move(proposal));
    }
    if (!suggestions->settings.empty()) {
      for (algorithms::Setting& setting : suggestions->settings) {
        std::erase_if(definition_.settings, [&](const auto& old) { return old.name == setting.name; });
        definition_.settings.push_back(std::move(setting));
      }
      QALAM_ASSIGN_OR_RETURN(algorithm_, optimizer_.create(definition_));
    }
    return absl::OkStatus();
  }

  void Start(algorithms::Proposal proposal) {
    const size_t number = history_.trials.size();
    double duration = 1;
    if (options_.mode == BatchMode::kAsync && options_.batch > 1)
      duration = std::exp(0.5 * Rng({options_.seed, kDurationStream, number}).Normal());
    algorithms::Trial trial;
    trial.name =
        proposal.trial_name.empty() ? fmt::format("trial-{:09}", number) : std::move(proposal.trial_name);
    trial.point = std::move(proposal.point);
    trial.labels = std::move(proposal.labels);
    trial.start_time = absl::UnixEpoch() + absl::Seconds(now_);
    history_.trials.push_back(std::move(trial));
    running_.push_back({now_ + duration, number});
  }

  void Finish(const Worker& worker) {
    now_ = worker.end;
    ++finished_;
    algorithms::Trial& trial = history_.trials[worker.trial];
    trial.completion_time = absl::UnixEpoch() + absl::Seconds(now_);
    const absl::StatusOr<double> value = problem_.evaluate(*trial.point);
    if (!value.ok() || !std::isfinite(*value)) {
      trial.status = value.ok() ? TrialStatus::kMetricsUnavailable : TrialStatus::kFailed;
      trial.objectives = {std::numeric_limits<double>::quiet_NaN()};
      if (first_failure_.empty())
        first_failure_ = value.ok() ? fmt::format("the value is {}", *value) : MessageOf(value.status());
      return;
    }
    const double noise =
        problem_.noise > 0 ? problem_.noise * Rng({options_.seed, kNoiseStream, worker.trial}).Normal() : 0;
    trial.status = TrialStatus::kSucceeded;
    trial.objectives = {*value + noise};
    if (*value >= lowest_) return;
    lowest_ = *value;
    const double regret = RoundedRegret(Regret(problem_, *value));
    if (curve_.empty() || regret < curve_.back().regret) curve_.push_back({finished_, regret});
  }

  const Optimizer& optimizer_;
  const Problem& problem_;
  const RunOptions options_;
  const clockid_t clock_;
  algorithms::Problem definition_;
  std::unique_ptr<Algorithm> algorithm_;
  algorithms::History history_;
  std::vector<Worker> running_;
  std::vector<Cost> costs_;
  std::vector<Improvement> curve_;
  std::string first_failure_;
  double now_ = 0;
  double lowest_ = std::numeric_limits<double>::infinity();
  int finished_ = 0;
  bool exhausted_ = false;
};

}  // namespace

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
