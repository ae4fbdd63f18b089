#include "bench/stopping.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <list>
#include <memory>
#include <tuple>

#include "algorithms/registry.h"
#include "api/early_stopping.h"
#include "base/number_text.h"
#include "metrics/stop_rule_set.h"

namespace qalam::bench {
namespace {

using algorithms::TrialStatus;

absl::StatusOr<Stopping> ParseStopping(std::string_view text) {
  QALAM_ASSIGN_OR_RETURN(OptimizerText parts, ParseOptimizerText(text));
  Stopping stopping{std::move(parts.label), std::move(parts.algorithm), std::move(parts.settings)};
  const auto info = algorithms::FindEarlyStopper(stopping.algorithm);
  if (!info.ok()) {
    return absl::InvalidArgumentError(fmt::format("unknown early-stopping rule \"{}\"; there are {}",
                                                  stopping.algorithm,
                                                  fmt::join(algorithms::EarlyStopperNames(), ", ")));
  }
  if (const auto refresh = algorithms::FindSetting(stopping.settings, "refresh")) {
    if (*refresh != "yes" && *refresh != "no")
      return absl::InvalidArgumentError(fmt::format("refresh must be yes or no, got '{}'", *refresh));
    stopping.refresh = *refresh == "yes";
    std::erase_if(stopping.settings, [](const auto& setting) { return setting.name == "refresh"; });
  }
  QALAM_RETURN_IF_ERROR((*info)->validate(stopping.settings));
  return stopping;
}

api::ObjectiveSpec LossObjective() {
  api::ObjectiveSpec objective;
  objective.type = api::ObjectiveType::kMinimize;
  objective.objective_metric_name = kLoss;
  return objective;
}

api::Comparison ToApi(algorithms::Comparison comparison) {
  switch (comparison) {
    case algorithms::Comparison::kEqual:
      return api::Comparison::kEqual;
    case algorithms::Comparison::kLess:
      return api::Comparison::kLess;
    case algorithms::Comparison::kGreater:
      break;
  }
  return api::Comparison::kGreater;
}

class Session {
 public:
  Session(const Optimizer& optimizer, const Problem& problem, const Stopping& stopping,
          const SearchOptions& options)
      : problem_(problem), stopping_(stopping), options_(options), search_(optimizer, problem, options) {}

  absl::StatusOr<StoppedRun> Run() {
    QALAM_RETURN_IF_ERROR(Begin());
    while (static_cast<int>(history_.trials.size()) < options_.trials || !running_.empty()) {
      QALAM_RETURN_IF_ERROR(StartTrials());
      if (running_.empty()) break;
      const auto next =
          std::min_element(running_.begin(), running_.end(), [](const Worker& a, const Worker& b) {
            return std::tie(a.next_report, a.trial) < std::tie(b.next_report, b.trial);
          });
      now_ = next->next_report;
      QALAM_ASSIGN_OR_RETURN(const bool ended, Report(*next));
      if (!ended) continue;
      running_.erase(next);
      if (stopping_.refresh) QALAM_RETURN_IF_ERROR(Refresh());
    }
    run_.trials = static_cast<int>(history_.trials.size());
    return std::move(run_);
  }

 private:
  struct Worker {
    size_t trial;
    double next_report, epoch_time;  // on the simulated clock
    metrics::StopRuleSet rules;
  };

  absl::Status Begin() {
    if (!problem_.fidelity)
      return absl::InvalidArgumentError(fmt::format("{} has no learning curves", problem_.name));
    QALAM_RETURN_IF_ERROR(search_.Begin());
    run_.best = std::numeric_limits<double>::infinity();
    if (stopping_.algorithm.empty()) return absl::OkStatus();

    QALAM_ASSIGN_OR_RETURN(const auto* info, algorithms::FindEarlyStopper(stopping_.algorithm));
    algorithms::Problem rule = search_.definition();
    rule.settings = stopping_.settings;
    QALAM_ASSIGN_OR_RETURN(stopper_, info->create(rule));
    api::AlgorithmSpec spec{stopping_.algorithm, {}};
    for (const algorithms::Setting& setting : stopping_.settings)
      spec.algorithm_settings.push_back({setting.name, setting.value});
    QALAM_ASSIGN_OR_RETURN(evaluation_, api::RuleEvaluationOf(spec));
    return absl::OkStatus();
  }

  absl::Status StartTrials() {
    const int wanted = std::min(options_.workers - static_cast<int>(running_.size()),
                                options_.trials - static_cast<int>(history_.trials.size()));
    if (wanted <= 0 || search_.exhausted()) return absl::OkStatus();
    QALAM_ASSIGN_OR_RETURN(Search::Answer answer, search_.Ask(history_, wanted));
    QALAM_ASSIGN_OR_RETURN(const std::vector<api::EarlyStoppingRule> rules, Rules());
    for (algorithms::Proposal& proposal : answer.proposals) {
      const size_t number = history_.trials.size();
      const double epoch_time = options_.workers > 1 ? TrialSlowness(options_.seed, number) : 1;
      history_.trials.push_back(StartedTrial(std::move(proposal), number, now_));
      metrics::StopRuleSet rule_set(LossObjective(), evaluation_);
      QALAM_RETURN_IF_ERROR(rule_set.SetRules(rules));
      running_.push_back({number, now_ + epoch_time, epoch_time, std::move(rule_set)});
    }
    return absl::OkStatus();
  }

  // One epoch of one trial; whether the trial has ended with it.
  absl::StatusOr<bool> Report(Worker& worker) {
    algorithms::Trial& trial = history_.trials[worker.trial];
    const int epoch = static_cast<int>(trial.curve.size()) + 1;
    QALAM_ASSIGN_OR_RETURN(const double loss, problem_.fidelity->loss(*trial.point, epoch));
    trial.curve.push_back({static_cast<double>(epoch), loss});
    worker.next_report += worker.epoch_time;
    ++run_.epochs;
    if (loss < run_.best) {
      run_.best = loss;
      run_.progress.push_back({run_.epochs, loss});
    }
    const bool stopped = worker.rules.Add({{}, kLoss, NumberText(loss)});
    const bool done = epoch == problem_.fidelity->epochs;
    if (done) {
      trial.status = TrialStatus::kSucceeded;
    } else if (stopped) {
      trial.status = TrialStatus::kEarlyStopped;
      ++run_.stopped;
    } else {
      return false;
    }
    const auto lowest = std::min_element(trial.curve.begin(), trial.curve.end(),
                                         [](const auto& a, const auto& b) { return a.value < b.value; });
    trial.objectives = {lowest->value};
    trial.completion_time = absl::UnixEpoch() + absl::Seconds(now_);
    return true;
  }

  // A trial that new rules condemn at once ends with its next report, as a real one would somewhat before it.
  absl::Status Refresh() {
    QALAM_ASSIGN_OR_RETURN(const std::vector<api::EarlyStoppingRule> rules, Rules());
    if (rules.empty()) return absl::OkStatus();
    for (Worker& worker : running_) QALAM_RETURN_IF_ERROR(worker.rules.SetRules(rules));
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<api::EarlyStoppingRule>> Rules() const {
    std::vector<api::EarlyStoppingRule> rules;
    if (stopper_ == nullptr) return rules;
    QALAM_ASSIGN_OR_RETURN(const std::vector<algorithms::StoppingRule> derived, stopper_->Rules(history_));
    for (const algorithms::StoppingRule& rule : derived)
      rules.push_back({rule.metric, NumberText(rule.value), ToApi(rule.comparison), rule.start_step});
    return rules;
  }

  const Problem& problem_;
  const Stopping& stopping_;
  const SearchOptions options_;
  Search search_;
  std::unique_ptr<algorithms::EarlyStopper> stopper_;
  api::RuleEvaluation evaluation_ = api::RuleEvaluation::kEvery;
  algorithms::History history_;
  std::list<Worker> running_;
  StoppedRun run_;
  double now_ = 0;
};

}  // namespace

absl::StatusOr<std::vector<Stopping>> ParseStoppings(std::string_view text) {
  std::vector<Stopping> stoppings = {{.name = "none", .algorithm = {}, .settings = {}}};
  for (const std::string& part : SplitList(text)) {
    if (part == "none") continue;
    QALAM_ASSIGN_OR_RETURN(Stopping stopping, ParseStopping(part));
    for (const Stopping& other : stoppings) {
      if (other.name == stopping.name)
        return absl::InvalidArgumentError(fmt::format("\"{}\" is given twice", stopping.name));
    }
    stoppings.push_back(std::move(stopping));
  }
  return stoppings;
}

double StoppedRun::BestAfter(std::int64_t limit) const {
  double lowest = std::numeric_limits<double>::infinity();
  for (const EpochsAndBest& step : progress) {
    if (step.epochs <= limit) lowest = step.best;
  }
  return lowest;
}

absl::StatusOr<StoppedRun> RunWithStopping(const Optimizer& optimizer, const Problem& problem,
                                           const Stopping& stopping, const SearchOptions& options) {
  return Session(optimizer, problem, stopping, options).Run();
}

}  // namespace qalam::bench
