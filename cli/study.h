// Ask and tell: an experiment whose trials somebody else runs.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "algorithms/search_space.h"
#include "api/field_error.h"
#include "api/trial.h"
#include "api/trial_facts.h"
#include "base/status.h"
#include "server/service_calls.h"

namespace qalam::cli {

/// What somebody says of a trial.
struct TrialReport {
  std::string trial;                                 // empty: a name is made up
  std::optional<api::TrialState> state;              // nothing: succeeded
  std::vector<api::ParameterAssignment> parameters;  // empty: those the trial was asked with
  std::vector<api::MetricValue> metrics;             // a value that is not known is empty
  api::StringMap labels;  // what the algorithm said of a trial from elsewhere; others keep theirs
  std::optional<absl::Time> start, end;
};

/// The trials of one experiment, and what to try next. All state is in memory. Not thread-safe.
class Study {
 public:
  /// Asks the service for `count` points after the encoded `trials`; see server::Suggest.
  using Suggest = std::function<absl::StatusOr<server::SuggestionBatch>(
      const api::Experiment& experiment, std::span<const std::string> trials,
      const std::vector<api::AlgorithmSetting>& settings, int count)>;

  /// `experiment` is valid and has its defaults. INVALID_ARGUMENT: its parameters make no search space.
  static absl::StatusOr<Study> Make(api::Experiment experiment, Suggest suggest);

  /// Records what became of a trial: one that was asked, or, if parameters are given, one from elsewhere. Telling again
  /// replaces the result, not the parameters; a trial keeps its place. A succeeded trial whose objective is NaN or
  /// infinite counts as without metrics.
  ///
  /// The errors' fields are "trial", "status", "parameters.NAME" or "metrics.NAME". On error nothing changes.
  api::FieldErrors Tell(const TrialReport& report);

  /// The trial that the last successful Tell was about.
  const api::Trial& told() const { return trials_[told_]; }

  /// Up to `count` new trials, running from now on: fewer when a finite space has no more. Pointers are valid until the
  /// next Ask or Tell. INVALID_ARGUMENT: count < 1 or too large. OUT_OF_RANGE: every point of the space has been tried.
  /// Other errors: the service's.
  absl::StatusOr<std::span<const api::Trial>> Ask(int count);

  const api::Experiment& experiment() const { return experiment_; }
  const algorithms::SearchSpace& space() const { return space_; }
  /// In the order in which they were asked, or told where they were not.
  std::span<const api::Trial> trials() const { return trials_; }
  /// The best succeeded trial, the earlier of equal ones; null without one.
  const api::Trial* Best() const;

 private:
  Study(api::Experiment experiment, algorithms::SearchSpace space, Suggest suggest)
      : experiment_(std::move(experiment)), space_(std::move(space)), suggest_(std::move(suggest)) {}

  api::Trial& Add(std::string name, std::vector<api::ParameterAssignment> parameters);
  std::string NextName() const;
  bool HasParameters(const api::Trial& trial, const std::vector<api::ParameterAssignment>& canonical) const;
  std::vector<api::ParameterAssignment> Canonical(const TrialReport& report, api::FieldErrors& errors) const;
  api::TrialState CheckResult(const TrialReport& report, api::FieldErrors& errors) const;
  absl::StatusOr<server::SuggestionBatch> AskForAsManyAsThereAre(int count) const;

  api::Experiment experiment_;
  algorithms::SearchSpace space_;
  Suggest suggest_;
  std::vector<api::Trial> trials_;
  std::vector<std::string> encoded_;                   // of each trial
  std::map<std::string, size_t, std::less<>> places_;  // by name
  std::vector<api::AlgorithmSetting> settings_;        // fed back by the algorithm
  size_t told_ = 0;
};

/// The text of a value of `parameter` as a service writes it: "0.10" and "1e-1" give "0.1". A number that stands in a
/// list in another spelling gives the list's. Nothing for a value outside the parameter's range.
std::optional<std::string> CanonicalText(const algorithms::Parameter& parameter, std::string_view text);

/// "must be a whole number from 1 to 4", "must be one of adam, sgd".
std::string RangeText(const algorithms::Parameter& parameter);

}  // namespace qalam::cli
