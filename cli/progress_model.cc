#include "cli/progress_model.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "algorithms/pareto.h"
#include "api/objectives.h"
#include "base/number_text.h"

namespace qalam::cli {
namespace {

bool EndsBefore(const TrialProgress* a, const TrialProgress* b) {
  const absl::Time at_a = a->finished.value_or(absl::InfinitePast()),
                   at_b = b->finished.value_or(absl::InfinitePast());
  return at_a != at_b ? at_a < at_b : a->name < b->name;
}

std::string ObjectiveText(const api::Trial& trial) {
  const api::ObjectiveSpec& objective = trial.spec.objective;
  if (!trial.status.observation) return "";
  return std::string(MetricText(objective, *trial.status.observation, objective.objective_metric_name));
}

bool HasValueOf(const TrialProgress& progress, const api::Trial& trial) {
  return progress.value_text == ObjectiveText(trial);
}

bool IsFailure(TrialState state) {
  return state == TrialState::kFailed || state == TrialState::kMetricsUnavailable;
}

}  // namespace

void ProgressModel::Load(const api::Experiment& experiment, const std::vector<const api::Trial*>& trials) {
  Apply(experiment, session_start_);
  for (const api::Trial* trial : trials) Count(Store(*trial));
}

std::optional<ProgressEvent> ProgressModel::Apply(const api::Experiment& experiment, absl::Time) {
  name_ = experiment.metadata.name;
  if (experiment.spec.objective) objective_ = *experiment.spec.objective;
  further_objectives_ = api::FurtherObjectives(experiment);
  if (experiment.spec.algorithm) algorithm_ = experiment.spec.algorithm->algorithm_name;
  total_ = experiment.spec.max_trial_count;
  bounds_ = controller::MetricBounds(experiment);
  parallel_ = std::max(1, experiment.spec.parallel_trial_count.value_or(1));

  const std::string status = ExperimentStatusName(experiment);
  if (status == experiment_status_) return std::nullopt;
  const std::string before = std::exchange(experiment_status_, status);
  using Kind = ProgressEvent::Kind;
  if (IsFinished(experiment)) return ProgressEvent{Kind::kExperimentEnded, {}};
  if (before == "Succeeded" || before == "Failed") return ProgressEvent{Kind::kExperimentRestarted, {}};
  if (status == "Running" && before != "Restarting") return ProgressEvent{Kind::kExperimentStarted, {}};
  return std::nullopt;
}

std::optional<ProgressEvent> ProgressModel::Apply(const api::Trial& trial, absl::Time now) {
  const TrialProgress* known = Find(trial.metadata.name);
  // Finished trials are written again (finalizers, labels); that must not cost a new sort.
  if (known != nullptr && IsFinished(known->state) && StateOf(trial) == known->state &&
      HasValueOf(*known, trial)) {
    return std::nullopt;
  }
  const TrialState before = known == nullptr ? TrialState::kPending : known->state;
  const std::optional<absl::Time> started = known == nullptr ? std::nullopt : known->started;
  const std::optional<absl::Time> finished = known == nullptr ? std::nullopt : known->finished;
  const std::optional<double> old_best = Best() == nullptr ? std::nullopt : Best()->value;
  const double old_violation = Best() == nullptr ? 0 : Best()->violation;
  if (known != nullptr) Forget(*known);

  TrialProgress& progress = Store(trial);
  const bool in_session = !progress.finished || *progress.finished + absl::Seconds(1) > session_start_;
  if (progress.state == TrialState::kRunning) {
    progress.started = before == TrialState::kRunning && started ? started : now;
  } else if (IsFinished(progress.state) && in_session) {
    if (started) progress.started = started;
    progress.finished = IsFinished(before) ? finished : now;
  }
  Count(progress);

  using Kind = ProgressEvent::Kind;
  if (progress.state == before || !in_session) return std::nullopt;
  if (progress.state == TrialState::kRunning) return ProgressEvent{Kind::kTrialStarted, progress.name};
  if (!IsFinished(progress.state)) return std::nullopt;
  const bool new_best =
      Best() == &progress && (!old_best || IsBetterThan(progress, old_violation, *old_best));
  return ProgressEvent{Kind::kTrialEnded, progress.name, new_best};
}

void ProgressModel::Remove(std::string_view trial_name) {
  const auto found = trials_.find(trial_name);
  if (found == trials_.end()) return;
  Forget(found->second);
  trials_.erase(found);
}

void ProgressModel::AddPoint(std::string_view trial_name, std::string_view metric, std::string_view value) {
  if (metric != objective_.objective_metric_name) return;
  if (const auto found = trials_.find(trial_name); found != trials_.end()) found->second.latest = value;
}

int ProgressModel::done() const {
  int done = 0;
  for (int i = 0; i < kTrialStates; ++i) {
    if (IsFinished(static_cast<TrialState>(i))) done += counts_[static_cast<size_t>(i)];
  }
  return done;
}

const TrialProgress* ProgressModel::Find(std::string_view trial_name) const {
  const auto found = trials_.find(trial_name);
  return found == trials_.end() ? nullptr : &found->second;
}

std::vector<const TrialProgress*> ProgressModel::Running() const {
  std::vector<const TrialProgress*> running = running_;
  std::stable_sort(running.begin(), running.end(), [](const TrialProgress* a, const TrialProgress* b) {
    return a->started.value_or(absl::InfinitePast()) < b->started.value_or(absl::InfinitePast());
  });
  return running;
}

const TrialProgress* ProgressModel::Best() const {
  SortFinished();
  return best_;
}

const std::vector<double>& ProgressModel::BestCurve() const {
  SortFinished();
  return best_curve_;
}

std::optional<int> ProgressModel::FrontSize() const {
  if (further_objectives_.empty()) return std::nullopt;
  if (!front_size_) {
    std::vector<algorithms::Losses> losses;
    for (const TrialProgress* trial : by_end_) {
      if (!trial->losses.empty()) losses.push_back(trial->losses);
    }
    front_size_ = static_cast<int>(algorithms::ParetoFront(losses).size());
  }
  return front_size_;
}

const TrialProgress* ProgressModel::LastFailure() const {
  return last_failure_.empty() ? nullptr : Find(last_failure_);
}

std::optional<absl::Duration> ProgressModel::TimeLeft(absl::Time now) const {
  if (!total_ || finished_with_time_ == 0) return std::nullopt;
  const int left = *total_ - done();
  if (left <= 0) return std::nullopt;
  const absl::Duration mean = finished_time_ / finished_with_time_;
  absl::Duration work = absl::ZeroDuration(), longest = absl::ZeroDuration();
  int running = 0;
  for (const TrialProgress* trial : Running()) {
    if (++running > left) break;
    const absl::Duration rest = std::max(absl::ZeroDuration(), mean - (now - trial->started.value_or(now)));
    work += rest;
    longest = std::max(longest, rest);
  }
  work += mean * std::max(0, left - running);
  return std::max(longest, work / std::min(parallel_, left));
}

std::optional<double> ProgressModel::BusyShare(absl::Time now) const {
  const absl::Duration available = (now - session_start_) * parallel_;
  if (available <= absl::ZeroDuration()) return std::nullopt;
  absl::Duration used = session_time_;
  for (const TrialProgress* trial : Running()) {
    used += std::max(absl::ZeroDuration(), now - std::max(session_start_, trial->started.value_or(now)));
  }
  return std::clamp(absl::FDivDuration(used, available), 0.0, 1.0);
}

TrialProgress& ProgressModel::Store(const api::Trial& trial) {
  TrialProgress& progress = trials_[trial.metadata.name];
  std::string latest = std::move(progress.latest);
  progress = {};
  progress.name = trial.metadata.name;
  progress.parameters = AssignmentsText(trial.spec.parameter_assignments, /*brief=*/true);
  // A stopped trial ends for the reader when it is known what it came to.
  progress.state = api::AwaitsObservation(trial) ? TrialState::kRunning : StateOf(trial);
  if (progress.state != TrialState::kPending) progress.started = trial.status.start_time;
  progress.finished = FinishTime(trial);
  progress.message = TrialMessage(trial);
  if (progress.state == TrialState::kRunning) progress.latest = std::move(latest);
  if (trial.status.observation && IsFinished(progress.state)) {
    progress.value = ObjectiveValue(trial.spec.objective, *trial.status.observation);
    progress.value_text = ObjectiveText(trial);
    if (!bounds_.empty()) progress.violation = bounds_.Violation(*trial.status.observation);
    if (progress.violation == 0) progress.losses = LossesOf(progress, *trial.status.observation);
  }
  return progress;
}

std::vector<double> ProgressModel::LossesOf(const TrialProgress& progress,
                                            const api::Observation& observation) const {
  if (further_objectives_.empty() || !progress.value) return {};
  std::vector<double> losses = {objective_.type == api::ObjectiveType::kMaximize ? -*progress.value
                                                                                 : *progress.value};
  for (const MetricDirection& further : further_objectives_) {
    const std::optional<double> value = ParseDouble(MetricText(objective_, observation, further.metric));
    if (!value || !std::isfinite(*value)) return {};
    losses.push_back(further.maximize ? -*value : *value);
  }
  return losses;
}

void ProgressModel::Count(const TrialProgress& trial) {
  ++counts_[static_cast<size_t>(trial.state)];
  if (trial.state == TrialState::kRunning) running_.push_back(&trial);
  if (!IsFinished(trial.state)) return;
  if (trial.started && trial.finished) {
    finished_time_ += *trial.finished - *trial.started;
    ++finished_with_time_;
    session_time_ +=
        std::max(absl::ZeroDuration(), *trial.finished - std::max(session_start_, *trial.started));
  }
  const TrialProgress* last = LastFailure();
  if (IsFailure(trial.state) && (last == nullptr || !EndsBefore(&trial, last))) last_failure_ = trial.name;
  if (!trial.value || trial.state == TrialState::kFailed) return;
  if (!by_end_.empty() && EndsBefore(&trial, by_end_.back())) sorted_ = false;
  by_end_.push_back(&trial);
  front_size_.reset();
  if (!sorted_) return;
  if (best_ == nullptr || IsBetterThan(trial, best_->violation, *best_->value)) best_ = &trial;
  best_curve_.push_back(*best_->value);
}

void ProgressModel::Forget(const TrialProgress& trial) {
  --counts_[static_cast<size_t>(trial.state)];
  if (trial.state == TrialState::kRunning) std::erase(running_, &trial);
  if (!IsFinished(trial.state)) return;
  if (trial.started && trial.finished) {
    finished_time_ -= *trial.finished - *trial.started;
    --finished_with_time_;
    session_time_ -=
        std::max(absl::ZeroDuration(), *trial.finished - std::max(session_start_, *trial.started));
  }
  if (last_failure_ == trial.name) last_failure_.clear();
  if (std::erase(by_end_, &trial) > 0) {
    sorted_ = false;
    front_size_.reset();
  }
}

bool ProgressModel::IsBetterThan(const TrialProgress& a, double violation, double value) const {
  return a.violation < violation || (a.violation == violation && IsBetter(objective_.type, *a.value, value));
}

void ProgressModel::SortFinished() const {
  if (sorted_) return;
  std::sort(by_end_.begin(), by_end_.end(), EndsBefore);
  best_ = nullptr;
  best_curve_.clear();
  for (const TrialProgress* trial : by_end_) {
    if (best_ == nullptr || IsBetterThan(*trial, best_->violation, *best_->value)) best_ = trial;
    best_curve_.push_back(*best_->value);
  }
  sorted_ = true;
}

}  // namespace qalam::cli
