#include "bench/curve_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <list>
#include <memory>
#include <tuple>
#include <utility>

#include "algorithms/registry.h"
#include "algorithms/trial_labels.h"
#include "api/early_stopping.h"
#include "base/number_text.h"
#include "bench/resource_parameter.h"
#include "bench/search.h"
#include "bench/stopping_rules.h"
#include "metrics/stop_rule_set.h"

namespace qalam::bench {
namespace {

using algorithms::Trial;
using algorithms::TrialStatus;

api::ObjectiveSpec LossObjective() {
  api::ObjectiveSpec objective;
  objective.type = api::ObjectiveType::kMinimize;
  objective.objective_metric_name = kLoss;
  return objective;
}

int LastEpoch(const Trial& trial) {
  return trial.curve.empty() ? 0 : static_cast<int>(trial.curve.back().step);
}

class Session {
 public:
  Session(const Optimizer& optimizer, const Problem& problem, const Stopping& stopping,
          const CurveRunOptions& options)
      : optimizer_(optimizer),
        problem_(problem),
        stopping_(stopping),
        options_(options),
        search_(optimizer, problem, {options.seed, options.trials, options.workers}) {}

  absl::StatusOr<CurveRun> Run() {
    QALAM_RETURN_IF_ERROR(Begin());
    while (!EpochsAreSpent()) {
      QALAM_RETURN_IF_ERROR(StartTrials());
      if (running_.empty()) break;
      const auto next =
          std::min_element(running_.begin(), running_.end(), [](const Worker& a, const Worker& b) {
            return std::tie(a.next_report, a.trial) < std::tie(b.next_report, b.trial);
          });
      run_.time = next->next_report;
      QALAM_ASSIGN_OR_RETURN(const bool ended, Report(*next));
      if (ended) running_.erase(next);
      if (stopping_.refresh && (ended || rules_.follows_reports())) QALAM_RETURN_IF_ERROR(Refresh());
    }
    run_.trials = static_cast<int>(history_.trials.size());
    return std::move(run_);
  }

 private:
  struct Worker {
    size_t trial;
    double next_report;  // on the simulated clock
    int epoch;           // done
    int last;            // that it is to do
    metrics::StopRuleSet rules;
  };

  absl::Status Begin() {
    QALAM_RETURN_IF_ERROR(search_.Begin());
    run_.best = std::numeric_limits<double>::infinity();
    QALAM_ASSIGN_OR_RETURN(rules_, RuleSource::Make(stopping_, search_.definition()));
    return absl::OkStatus();
  }

  bool EpochsAreSpent() const { return options_.epochs > 0 && run_.epochs >= options_.epochs; }

  absl::Status StartTrials() {
    int wanted = options_.workers - static_cast<int>(running_.size());
    if (options_.trials > 0)
      wanted = std::min(wanted, options_.trials - static_cast<int>(history_.trials.size()));
    if (wanted <= 0 || search_.exhausted()) return absl::OkStatus();
    QALAM_ASSIGN_OR_RETURN(Search::Answer answer, search_.Ask(history_, wanted));
    QALAM_ASSIGN_OR_RETURN(const std::vector<api::EarlyStoppingRule> rules, rules_.Rules(history_));
    for (algorithms::Proposal& proposal : answer.proposals)
      QALAM_RETURN_IF_ERROR(Start(std::move(proposal), rules));
    return absl::OkStatus();
  }

  absl::Status Start(algorithms::Proposal proposal, const std::vector<api::EarlyStoppingRule>& rules) {
    const size_t number = history_.trials.size();
    history_.trials.push_back(StartedTrial(std::move(proposal), number, run_.time));
    const Trial& trial = history_.trials.back();
    const int last = optimizer_.takes_resource ? static_cast<int>(std::get<std::int64_t>(trial.point->back()))
                                               : problem_.fidelity->epochs;
    const std::optional<size_t> parent = CheckpointOf(trial, last);
    if (parent) ++run_.resumed;
    epoch_times_.push_back(parent                 ? epoch_times_[*parent]
                           : options_.workers > 1 ? TrialSlowness(options_.seed, number)
                                                  : 1);
    metrics::StopRuleSet rule_set(LossObjective(), rules_.evaluation(), trial.name);
    QALAM_RETURN_IF_ERROR(rule_set.SetRules(rules));
    running_.push_back({number, run_.time + epoch_times_.back(),
                        parent ? LastEpoch(history_.trials[*parent]) : 0, last, std::move(rule_set)});
    return absl::OkStatus();
  }

  // The trial that this one goes on from.
  std::optional<size_t> CheckpointOf(const Trial& trial, int last) const {
    const auto label = trial.labels.find(std::string(algorithms::kParentLabel));
    if (options_.from_scratch || label == trial.labels.end()) return std::nullopt;
    for (size_t i = 0; i + 1 < history_.trials.size(); ++i) {
      const Trial& earlier = history_.trials[i];
      if (earlier.name == label->second && earlier.status != TrialStatus::kPending &&
          LastEpoch(earlier) < last)
        return i;
    }
    return std::nullopt;
  }

  // One epoch of one trial; whether the trial has ended with it.
  absl::StatusOr<bool> Report(Worker& worker) {
    Trial& trial = history_.trials[worker.trial];
    ++worker.epoch;
    QALAM_ASSIGN_OR_RETURN(const double loss, problem_.fidelity->loss(*trial.point, worker.epoch));
    trial.curve.push_back({static_cast<double>(worker.epoch), loss});
    worker.next_report += epoch_times_[worker.trial];
    ++run_.epochs;
    if (loss < run_.best) {
      run_.best = loss;
      run_.progress.push_back({run_.epochs, loss, run_.time});
    }
    const bool stopped = worker.rules.Add({{}, kLoss, NumberText(loss)});
    if (worker.epoch == worker.last) {
      trial.status = TrialStatus::kSucceeded;
    } else if (stopped) {
      trial.status = TrialStatus::kEarlyStopped;
      ++run_.stopped;
      QALAM_ASSIGN_OR_RETURN(const double reached, LowestAfter(worker));
      if (reached < run_.best) ++run_.stopped_winners;
    } else {
      return false;
    }
    const auto lowest = std::min_element(trial.curve.begin(), trial.curve.end(),
                                         [](const auto& a, const auto& b) { return a.value < b.value; });
    trial.objectives = {lowest->value};
    trial.completion_time = absl::UnixEpoch() + absl::Seconds(run_.time);
    return true;
  }

  // The lowest loss that the trial would still report.
  absl::StatusOr<double> LowestAfter(const Worker& worker) const {
    double lowest = std::numeric_limits<double>::infinity();
    for (int epoch = worker.epoch + 1; epoch <= worker.last; ++epoch) {
      QALAM_ASSIGN_OR_RETURN(const double loss,
                             problem_.fidelity->loss(*history_.trials[worker.trial].point, epoch));
      lowest = std::min(lowest, loss);
    }
    return lowest;
  }

  // A trial that new rules condemn at once ends with its next report, as a real one would somewhat before it.
  absl::Status Refresh() {
    QALAM_ASSIGN_OR_RETURN(const std::vector<api::EarlyStoppingRule> rules, rules_.Rules(history_));
    if (rules.empty()) return absl::OkStatus();
    for (Worker& worker : running_) QALAM_RETURN_IF_ERROR(worker.rules.SetRules(rules));
    return absl::OkStatus();
  }

  const Optimizer& optimizer_;
  const Problem& problem_;
  const Stopping& stopping_;
  const CurveRunOptions options_;
  Search search_;
  RuleSource rules_;
  algorithms::History history_;
  std::vector<double> epoch_times_;  // by trial
  std::list<Worker> running_;
  CurveRun run_;
};

}  // namespace

double CurveRun::BestAfter(std::int64_t limit) const {
  double lowest = std::numeric_limits<double>::infinity();
  for (const Progress& step : progress) {
    if (step.epochs <= limit) lowest = step.best;
  }
  return lowest;
}

std::optional<std::int64_t> CurveRun::EpochsTo(double loss) const {
  for (const Progress& step : progress) {
    if (step.best <= loss) return step.epochs;
  }
  return std::nullopt;
}

absl::StatusOr<CurveRun> RunCurves(const Optimizer& optimizer, const Problem& problem,
                                   const Stopping& stopping, const CurveRunOptions& options) {
  if (!problem.fidelity)
    return absl::InvalidArgumentError(fmt::format("{} has no learning curves", problem.name));
  if (options.trials <= 0 && options.epochs <= 0)
    return absl::InvalidArgumentError("a run needs a limit, of trials or of epochs");
  if (!optimizer.takes_resource) return Session(optimizer, problem, stopping, options).Run();
  QALAM_ASSIGN_OR_RETURN(const Problem with_epochs, WithEpochsParameter(problem));
  const Optimizer with_settings = WithResourceSettings(optimizer, problem.fidelity->epochs);
  return Session(with_settings, with_epochs, stopping, options).Run();
}

}  // namespace qalam::bench
