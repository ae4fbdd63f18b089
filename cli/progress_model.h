// What is going on in one experiment, fed with its resources as they change. Views only read it.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "api/trial.h"
#include "base/metric_directions.h"
#include "cli/resource_facts.h"
#include "controller/metric_bounds.h"

namespace qalam::cli {

struct TrialProgress {
  std::string name;
  std::string parameters;  // "lr=0.01 layers=2", six digits
  TrialState state = TrialState::kPending;
  std::optional<absl::Time> started, finished;
  std::optional<double> value;  // the objective, once observed
  double violation = 0;         // of the constraints on metrics
  std::string value_text;       // the same as text
  std::vector<double> losses;   // of several objectives, all finite, lower is better; else empty
  std::string latest;           // newest value of the objective while it runs, as reported
  std::string message;          // why it failed, or what it waits for
};

/// A change worth a line.
struct ProgressEvent {
  enum class Kind { kTrialStarted, kTrialEnded, kExperimentStarted, kExperimentRestarted, kExperimentEnded };
  Kind kind;
  std::string trial;      // for the two trial kinds
  bool new_best = false;  // for kTrialEnded
};

/// Threads: one at a time. Cost of Apply: O(log n); of the best curve after a trial that ended out of order:
/// O(n log n).
class ProgressModel {
 public:
  /// Times before `session_start` belong to an earlier session: they count for what is done, not for how busy
  /// the slots were.
  explicit ProgressModel(absl::Time session_start) : session_start_(session_start) {}

  /// The state found at the start of the session. Gives no events.
  void Load(const api::Experiment& experiment, const std::vector<const api::Trial*>& trials);

  /// A resource as a watch delivers it, at time `now`. Resources have whole seconds only, so what happens in
  /// this session is timed by `now`.
  std::optional<ProgressEvent> Apply(const api::Experiment& experiment, absl::Time now);
  std::optional<ProgressEvent> Apply(const api::Trial& trial, absl::Time now);
  void Remove(std::string_view trial_name);

  /// A value as a running trial reported it. Metrics other than the objective and unknown trials are ignored.
  void AddPoint(std::string_view trial_name, std::string_view metric, std::string_view value);

  const std::string& name() const { return name_; }
  const std::string& algorithm() const { return algorithm_; }
  const api::ObjectiveSpec& objective() const { return objective_; }
  absl::Time session_start() const { return session_start_; }
  int parallel() const { return parallel_; }
  std::optional<int> total() const { return total_; }  // maxTrialCount
  int done() const;                                    // finished trials
  int count(TrialState state) const { return counts_[static_cast<size_t>(state)]; }
  /// Failed trials and those without metrics.
  int failures() const { return count(TrialState::kFailed) + count(TrialState::kMetricsUnavailable); }

  /// Null when unknown. Pointers hold until the next change.
  const TrialProgress* Find(std::string_view trial_name) const;
  /// Oldest start first.
  std::vector<const TrialProgress*> Running() const;
  /// Of all trials that have not failed, those that violate constraints least; of these the best objective; of equal ones
  /// the first to end. Null when none.
  const TrialProgress* Best() const;
  /// The best objective after each finished trial that has one, in the order of their ends.
  const std::vector<double>& BestCurve() const;
  /// How many trials are on the Pareto front; nothing with one objective. O(n log n) for two objectives.
  std::optional<int> FrontSize() const;
  /// The failed trial (or the one without metrics) that ended last. Null when none.
  const TrialProgress* LastFailure() const;

  /// Work left over slots: mean duration of what has finished, less what the running trials have behind them.
  /// Nothing without a total, before the first trial has finished, and when nothing is left.
  std::optional<absl::Duration> TimeLeft(absl::Time now) const;

  /// Sum of the trials' durations in this session over (time * slots), 0..1. Nothing when no time has passed.
  std::optional<double> BusyShare(absl::Time now) const;

 private:
  TrialProgress& Store(const api::Trial& trial);
  std::vector<double> LossesOf(const TrialProgress& progress, const api::Observation& observation) const;
  void Forget(const TrialProgress& trial);
  void Count(const TrialProgress& trial);
  void SortFinished() const;
  // By violation, then by the objective.
  bool IsBetterThan(const TrialProgress& a, double violation, double value) const;

  absl::Time session_start_;
  std::string name_, algorithm_;
  api::ObjectiveSpec objective_;
  std::vector<MetricDirection> further_objectives_;
  std::optional<int> total_;
  int parallel_ = 1;
  std::string experiment_status_;
  std::map<std::string, TrialProgress, std::less<>> trials_;
  controller::MetricBounds bounds_;
  std::vector<const TrialProgress*> running_;
  std::array<int, kTrialStates> counts_{};
  absl::Duration finished_time_ = absl::ZeroDuration();  // of all trials with start and end
  int finished_with_time_ = 0;
  absl::Duration session_time_ = absl::ZeroDuration();  // of finished trials, the part within this session
  std::string last_failure_;

  mutable std::vector<const TrialProgress*> by_end_;  // finished with a value
  mutable std::vector<double> best_curve_;
  mutable const TrialProgress* best_ = nullptr;
  mutable bool sorted_ = true;
  mutable std::optional<int> front_size_;  // nothing: to be counted
};

}  // namespace qalam::cli
