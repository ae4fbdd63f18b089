#include "cli/stopping_savings.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "api/trial_facts.h"
#include "base/number_text.h"
#include "cli/resource_facts.h"
#include "metrics/stop_rule_set.h"

namespace qalam::cli {
namespace {

struct Course {
  TrialState state = TrialState::kSucceeded;
  double seconds = 0;
  std::vector<double> standing;  // the value that counted after each report of the objective
  size_t stop = 0;               // reports of the objective when the newest rules would have fired; 0: never

  double result() const { return standing.back(); }
  bool stops_early() const { return stop > 0 && stop < standing.size(); }
};

// Linear between the ordered values; `values` is not empty.
double Quantile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  const double place = q * static_cast<double>(values.size() - 1);
  const auto low = static_cast<size_t>(place);
  return std::lerp(values[low], values[std::min(low + 1, values.size() - 1)], place - std::floor(place));
}

class Estimator {
 public:
  Estimator(const api::Experiment& experiment, api::RuleEvaluation evaluation)
      : objective_(*experiment.spec.objective),
        evaluation_(evaluation),
        strategy_(api::ObjectiveStrategy(objective_)) {}

  absl::StatusOr<StoppingSavings> Run(const std::vector<TrialPtr>& trials, const CurveReader& read,
                                      absl::Time now) {
    for (const TrialPtr& trial : trials) {
      if (!trial->spec.early_stopping_rules.empty()) rules_ = trial->spec.early_stopping_rules;
    }
    savings_.had_rules = !rules_.empty();
    for (const TrialPtr& trial : trials) {
      const absl::Duration duration = TrialDuration(*trial, now).value_or(absl::ZeroDuration());
      savings_.used += duration;
      const TrialState state = StateOf(*trial);
      if (state != TrialState::kSucceeded && state != TrialState::kEarlyStopped) continue;
      ++(state == TrialState::kSucceeded ? savings_.finished : savings_.stopped);
      Course course{.state = state, .seconds = absl::ToDoubleSeconds(duration), .standing = {}};
      QALAM_RETURN_IF_ERROR(Follow(*trial, read, course));
      courses_.push_back(std::move(course));
    }
    EstimateSaved();
    Replay();
    CompareLookAlikes();
    return std::move(savings_);
  }

 private:
  absl::Status Follow(const api::Trial& trial, const CurveReader& read, Course& course) {
    metrics::StopRuleSet rules(objective_, evaluation_, trial.metadata.name);
    const bool judged =
        course.state == TrialState::kSucceeded && !rules_.empty() && rules.SetRules(rules_).ok();
    return read(trial, [&](const CurvePoint& point) {
      const std::optional<double> value = ParseDouble(point.value);
      if (point.metric == objective_.objective_metric_name && value && std::isfinite(*value)) {
        const bool keeps = !course.standing.empty() && strategy_ != api::MetricStrategyType::kLatest &&
                           (strategy_ == api::MetricStrategyType::kMax ? *value <= course.result()
                                                                       : *value >= course.result());
        course.standing.push_back(keeps ? course.result() : *value);
      }
      if (judged && course.stop == 0 && rules.Add({point.time, point.metric, point.value}))
        course.stop = std::max<size_t>(1, course.standing.size());
    });
  }

  bool IsBetter(double a, double b) const { return cli::IsBetter(objective_.type, a, b); }

  template <class Use>
  void ForEach(TrialState state, const Use& use) const {
    for (const Course& course : courses_) {
      if (course.state == state) use(course);
    }
  }

  void EstimateSaved() {
    if (savings_.stopped == 0 || savings_.finished == 0) return;
    double likely = 0, low = 0, high = 0;
    ForEach(TrialState::kEarlyStopped, [&](const Course& stopped) {
      std::vector<double> by_pace, by_time;
      ForEach(TrialState::kSucceeded, [&](const Course& finished) {
        by_time.push_back(std::max(0.0, finished.seconds - stopped.seconds));
        if (stopped.standing.empty() || finished.standing.empty()) return;
        const double pace = stopped.seconds / static_cast<double>(stopped.standing.size());
        by_pace.push_back(
            std::max(0.0, pace * static_cast<double>(finished.standing.size()) - stopped.seconds));
      });
      if (by_pace.empty()) by_pace = by_time;
      likely += std::midpoint(Quantile(by_pace, 0.5), Quantile(by_time, 0.5));
      low += std::min(Quantile(by_pace, 0.25), Quantile(by_time, 0.25));
      high += std::max(Quantile(by_pace, 0.75), Quantile(by_time, 0.75));
    });
    savings_.saved = {absl::Seconds(likely), absl::Seconds(low), absl::Seconds(high)};
  }

  void Replay() {
    std::optional<double> best, best_replayed;
    const auto raise = [&](std::optional<double>& to, double value) {
      if (to && !IsBetter(value, *to)) return false;
      to = value;
      return true;
    };
    StoppingSavings::Replay replay;
    for (const Course& course : courses_) {
      if (course.standing.empty()) continue;
      const bool stopped = course.state == TrialState::kEarlyStopped;
      if (raise(best, course.result())) savings_.best_was_stopped = stopped;
      raise(best_replayed, course.stops_early() ? course.standing[course.stop - 1] : course.result());
      if (!stopped) ++replay.trials;
      if (course.stops_early()) ++replay.stopped;
    }
    if (!best || replay.trials == 0 || rules_.empty()) return;
    replay.best = *best;
    replay.best_replayed = *best_replayed;
    replay.best_lost = IsBetter(*best, *best_replayed);
    savings_.replay = replay;
  }

  void CompareLookAlikes() {
    std::optional<StoppingSavings::LookAlikes> found;
    double best_of_all = 0;
    bool any = false;
    for (const Course& course : courses_) {
      if (course.standing.empty()) continue;
      if (!any || IsBetter(course.result(), best_of_all)) best_of_all = course.result();
      any = true;
    }
    ForEach(TrialState::kSucceeded, [&](const Course& finished) {
      const bool alike = std::any_of(courses_.begin(), courses_.end(), [&](const Course& stopped) {
        const size_t reports = stopped.standing.size();
        return stopped.state == TrialState::kEarlyStopped && reports > 0 &&
               finished.standing.size() >= reports &&
               !IsBetter(finished.standing[reports - 1], stopped.result());
      });
      if (!alike) return;
      if (!found) found = StoppingSavings::LookAlikes{0, finished.result(), best_of_all};
      ++found->trials;
      if (IsBetter(finished.result(), found->best)) found->best = finished.result();
    });
    savings_.look_alikes = found;
  }

  const api::ObjectiveSpec& objective_;
  const api::RuleEvaluation evaluation_;
  api::MetricStrategyType strategy_;
  std::vector<api::EarlyStoppingRule> rules_;  // the newest
  std::vector<Course> courses_;                // of trials that succeeded or were stopped
  StoppingSavings savings_;
};

}  // namespace

absl::StatusOr<std::optional<StoppingSavings>> EstimateSavings(const api::Experiment& experiment,
                                                               const std::vector<TrialPtr>& trials,
                                                               const CurveReader& read, absl::Time now) {
  if (!experiment.spec.early_stopping || !experiment.spec.objective) return std::nullopt;
  // What cannot be read cannot have been applied either.
  const auto evaluation = api::RuleEvaluationOf(*experiment.spec.early_stopping);
  QALAM_ASSIGN_OR_RETURN(
      StoppingSavings savings,
      Estimator(experiment, evaluation.value_or(api::RuleEvaluation::kEvery)).Run(trials, read, now));
  return savings;
}

}  // namespace qalam::cli
