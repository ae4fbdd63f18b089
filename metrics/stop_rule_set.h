// Whether what a trial reports condemns it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/early_stopping.h"
#include "api/trial.h"
#include "base/status.h"
#include "metrics/bound_schedule.h"
#include "metrics/metrics_collection.h"

namespace qalam::metrics {

/// What a rule saw when it fired.
struct FiredRule {
  api::EarlyStoppingRule rule;
  double value = 0;         // that was compared
  bool best = false;        // `value` is the best so far, which a report before may have brought
  std::int64_t report = 0;  // number of the metric's report, from 1
  std::string metric;  // of a rule on beyond_schedule(METRIC, ...) alone: METRIC; `value` is its best so far
  double bound = 0;    // and this is the bound it was beyond
  bool operator==(const FiredRule&) const = default;
};

/// "loss 0.71 at report 12 is greater than 0.52"; of a schedule "best loss 0.71 at report 12 is worse than 0.52".
std::string Describe(const FiredRule& fired);

/// The early-stopping rules of one attempt of a trial, checked on each value. The trial is to be stopped once all of
/// them have fired; one that has fired stays so.
///
/// What is compared. For the objective metric the best so far: the largest or smallest value, as its metric strategy
/// says (without one, as the objective's type says), or the current value under the strategy `latest`. For other
/// metrics the current value. A rule may also name what is derived from a metric:
///
///   reports_since_improvement(METRIC)             how many reports have come since the last one that was better, in
///   reports_since_improvement(METRIC, MIN_DELTA)  the objective's direction, than the best before by more than
///                                                 MIN_DELTA (default 0). "The best before" is the value of the
///                                                 last improvement, so many small steps add up to one.
///   beyond_schedule(METRIC, SCHEDULE)             by how much the best value so far, in the objective's direction, is
///                                                 worse than the bound that the schedule (bound_schedule.h) has for
///                                                 this report; negative when it is better. Before the first step there
///                                                 is no value.
///
/// When. From report number start_step of the metric on (0: from the first), at every report of it; with
/// RuleEvaluation::kOnce at that report alone, and of a schedule at each of its steps alone. A value that is no finite number is
/// no report.
///
/// Cost: a few numbers per metric of the objective, whatever the number of reports; Add looks at one metric and at
/// its rules.
class StopRuleSet {
 public:
  /// `trial` is its name, by which schedules are drawn.
  StopRuleSet(const api::ObjectiveSpec& objective, api::RuleEvaluation evaluation, std::string trial);

  /// Replaces the rules; what was reported so far counts for the new ones. A rule that was there before keeps that it
  /// has fired. The others are checked at once against what Add would compare now, except with kOnce.
  /// A MIN_DELTA above 0 that was not asked for before counts from the best so far: earlier small steps are taken as
  /// improvements.
  ///
  /// INVALID_ARGUMENT, naming the rule: the value is no finite number, the start step is negative, or the name is
  /// neither a metric of the objective nor derived from one. The rules then stay as they were.
  absl::Status SetRules(const std::vector<api::EarlyStoppingRule>& rules);

  /// Takes the next value in order; true if now all rules have fired, of which there is at least one. Metrics that the
  /// objective does not name are ignored.
  bool Add(const MetricPoint& point);

  /// What Add returned last.
  bool fired() const;

  /// The rules that have fired, in the order of the rules.
  std::vector<FiredRule> Fired() const;

  const std::vector<api::EarlyStoppingRule>& rules() const { return given_; }

 private:
  struct Metric {
    std::string name;
    api::MetricStrategyType compared = api::MetricStrategyType::kLatest;
    std::int64_t reports = 0;
    std::int64_t best_report = 0;  // the first that brought the best value in the objective's direction
    double current = 0, min = 0, max = 0;
  };

  struct Improvement {
    double min_delta = 0;
    double best = 0;          // the value of the last improvement
    std::int64_t report = 0;  // and its number; 0 before the first
  };

  struct Rule {
    api::EarlyStoppingRule given;
    double threshold = 0;
    size_t metric = 0;  // index in metrics_
    std::optional<Improvement> improvement;
    std::optional<BoundSchedule> schedule;
    std::optional<FiredRule> fired;
  };

  absl::StatusOr<Rule> Parse(const api::EarlyStoppingRule& given) const;
  // FUNCTION(ARGUMENTS): sets what is derived, and returns the metric's name.
  absl::StatusOr<std::string_view> ParseDerived(std::string_view function, std::string_view arguments,
                                                Rule& rule) const;
  std::optional<size_t> FindMetric(std::string_view name) const;
  double BestOf(const Metric& metric) const;
  void Check(Rule& rule) const;

  const bool maximize_;
  const api::RuleEvaluation evaluation_;
  const std::string trial_;
  std::vector<Metric> metrics_;
  std::vector<api::EarlyStoppingRule> given_;
  std::vector<Rule> rules_;
};

}  // namespace qalam::metrics
