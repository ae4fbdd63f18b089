#include "controller/early_stopper.h"

#include <fmt/format.h>

#include <algorithm>

#include "algorithms/registry.h"
#include "controller/trial_index.h"
#include "controller/vocabulary.h"

namespace qalam::controller {
namespace {

// Rules of others are taken for rules that follow from trials that have ended, as Katib's do.
bool FollowsReports(const std::string& algorithm) {
  const auto info = algorithms::FindEarlyStopper(algorithm);
  return info.ok() && (*info)->follows_reports;
}

}  // namespace

void EarlyStopper::Watch(const api::Trial& trial) {
  const api::ObjectKey key = TrialIndex::ExperimentOf(trial);
  const auto experiment = to_.experiments.Find<api::Experiment>(key);
  if (experiment == nullptr || !experiment->spec.early_stopping) return Forget(trial.metadata.uid);
  const api::AlgorithmSpec& early_stopping = *experiment->spec.early_stopping;

  std::vector<api::EarlyStoppingRule> rules = trial.spec.early_stopping_rules;
  if (const auto before = trials_.find(trial.metadata.uid); before != trials_.end()) {
    rules = before->second.rules.rules();
    trials_.erase(before);
  }
  const std::string& algorithm = early_stopping.algorithm_name;
  const auto evaluation = api::RuleEvaluationOf(early_stopping).value_or(api::RuleEvaluation::kEvery);
  Watched watched{.trial = {trial.metadata.namespace_name, trial.metadata.name, trial.metadata.uid},
                  .experiment = key,
                  .algorithm = algorithm,
                  .followed = FollowsReports(algorithm) ? trial.spec.objective.objective_metric_name : "",
                  .rules = {trial.spec.objective, evaluation, trial.metadata.name}};
  ReportInvalid(*experiment, watched.rules.SetRules(rules));
  trials_.emplace(trial.metadata.uid, std::move(watched));
}

void EarlyStopper::Add(const std::string& uid, const metrics::MetricPoint& point) {
  const auto found = trials_.find(uid);
  if (found == trials_.end()) return;
  Watched& watched = found->second;
  if (watched.rules.Add(point)) Judge(watched);
  if (!watched.followed.empty() && watched.followed == point.name) reported_(watched.experiment);
}

void EarlyStopper::SetRules(const api::Experiment& experiment,
                            const std::vector<api::EarlyStoppingRule>& rules) {
  const api::ObjectKey key = experiment.key();
  for (auto& [uid, watched] : trials_) {
    if (watched.experiment != key) continue;
    if (const absl::Status status = watched.rules.SetRules(rules); !status.ok()) {
      return ReportInvalid(experiment, status);
    }
    if (watched.rules.fired()) Judge(watched);
  }
}

bool EarlyStopper::Watches(const api::ObjectKey& experiment) const {
  return std::any_of(trials_.begin(), trials_.end(),
                     [&](const auto& entry) { return entry.second.experiment == experiment; });
}

const std::string* EarlyStopper::Verdict(const std::string& uid) const {
  const auto found = trials_.find(uid);
  return found == trials_.end() || found->second.verdict.empty() ? nullptr : &found->second.verdict;
}

void EarlyStopper::Judge(Watched& watched) {
  if (!watched.verdict.empty()) return;
  if (to_.engine.Observe(watched.trial).phase != workload::RunPhase::kRunning) return;
  to_.engine.Stop(watched.trial);
  std::string seen;
  for (const metrics::FiredRule& fired : watched.rules.Fired()) {
    seen += (seen.empty() ? "" : " and ") + metrics::Describe(fired);
  }
  watched.verdict = fmt::format("{}: {} ({})", kEarlyStoppedMessage, seen, watched.algorithm);
  wake_up_({watched.trial.namespace_name, watched.trial.name});
}

void EarlyStopper::ReportInvalid(const api::Experiment& experiment, const absl::Status& status) {
  if (status.ok()) return;
  to_.events.Warning(experiment, "trial-controller", "InvalidEarlyStoppingRule",
                     fmt::format("{}; it is not applied", MessageOf(status)));
}

}  // namespace qalam::controller
