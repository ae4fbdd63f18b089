#include "algorithms/curve_stop.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>
#include <optional>

#include "algorithms/stop_schedule.h"
#include "algorithms/stopper_settings.h"

namespace qalam::algorithms::curve_stop {
namespace {

struct Options {
  double confidence = 0.95;
  int min_trials = 5;
  int start_step = 1;
};

absl::StatusOr<Options> ReadOptions(const Settings& settings) {
  QALAM_RETURN_IF_ERROR(CheckStopperSettings(settings, "curve", kSettings));
  Options options;
  QALAM_ASSIGN_OR_RETURN(const std::optional<double> confidence, DoubleSetting(settings, "confidence"));
  options.confidence = confidence.value_or(options.confidence);
  if (!(options.confidence >= 0.5 && options.confidence < 1)) {
    return absl::InvalidArgumentError(
        fmt::format("confidence must be at least 0.5 and below 1, got {}", options.confidence));
  }
  QALAM_ASSIGN_OR_RETURN(options.min_trials,
                         CountSetting(settings, "min_trials_required", 4, options.min_trials));
  QALAM_ASSIGN_OR_RETURN(options.start_step, StartStepSetting(settings, options.start_step));
  return options;
}

struct ValueAndFinal {
  double value, final;
};

// The least value from which on all are too bad for a final value below `target`: the line through `seen`, with least
// squares, is above it by more than t standard errors of a prediction. Infinite if there is none. Fieller's way: the
// errors grow with the distance from the mean, so the square of the comparison is solved.
double HopelessFrom(const std::vector<ValueAndFinal>& seen, double target, double t) {
  constexpr double kNever = std::numeric_limits<double>::infinity();
  const auto n = static_cast<double>(seen.size());
  double mean_value = 0, mean_final = 0;
  for (const auto& [value, final] : seen) mean_value += value / n, mean_final += final / n;
  double squares = 0, products = 0, residuals = 0;
  for (const auto& [value, final] : seen) {
    squares += (value - mean_value) * (value - mean_value);
    products += (value - mean_value) * (final - mean_final);
  }
  if (!(squares > 0)) return kNever;
  const double slope = std::clamp(products / squares, 0.0, 1.0);  // nothing is gained by a worse value
  for (const auto& [value, final] : seen) {
    const double off = final - mean_final - slope * (value - mean_value);
    residuals += off * off;
  }
  const double spread = t * t * residuals / (n - 2);
  const double steepness = slope * slope - spread / squares;
  if (!(steepness > 0)) return kNever;  // the slope is no more than noise
  const double ahead = mean_final - target;
  const double root = std::sqrt(ahead * ahead * spread / squares + steepness * spread * (1 + 1 / n));
  const double from = mean_value + (root - slope * ahead) / steepness;
  return std::isfinite(from) ? std::max(from, target) : kNever;
}

// 1, 2, ..., 16 and then in steps of a sixteenth.
int NextStep(int step) { return step + std::max(1, step / 16); }

class CurveStop final : public EarlyStopper {
 public:
  CurveStop(Objective objective, const Options& options)
      : objective_(std::move(objective)), options_(options) {}

  bool UsesCurveOf(const Trial& trial) const override { return CompetesOnRungs(trial); }
  int curve_length() const override { return kLongestCurve; }

  absl::StatusOr<std::vector<StoppingRule>> Rules(const History& history) const override {
    std::vector<std::vector<double>> finished;
    double target = std::numeric_limits<double>::infinity();
    for (const Trial& trial : history.trials) {
      if (!UsesCurveOf(trial)) continue;
      std::vector<double> curve = BestSoFar(trial, objective_.direction);
      if (curve.empty()) continue;
      target = std::min(target, curve.back());
      if (trial.status == TrialStatus::kSucceeded) finished.push_back(std::move(curve));
    }
    std::sort(finished.begin(), finished.end());  // sums then do not depend on the order of the trials
    const std::vector<StepBound> bounds = Bounds(finished, target);
    if (bounds.empty()) return std::vector<StoppingRule>{};
    return std::vector<StoppingRule>{ScheduleRule(objective_, ScheduleText(bounds, objective_.direction))};
  }

 private:
  std::vector<StepBound> Bounds(const std::vector<std::vector<double>>& finished, double target) const {
    std::vector<StepBound> bounds;
    for (int step = options_.start_step; step < kLongestCurve; step = NextStep(step)) {
      std::vector<ValueAndFinal> seen;
      for (const std::vector<double>& curve : finished) {
        if (curve.size() > static_cast<size_t>(step)) seen.push_back({curve[step - 1], curve.back()});
      }
      if (seen.size() < static_cast<size_t>(options_.min_trials)) break;
      const boost::math::students_t student(static_cast<double>(seen.size() - 2));
      const double bound = HopelessFrom(seen, target, boost::math::quantile(student, options_.confidence));
      // The best value so far never gets worse: what was beyond a lower bound is beyond a later one.
      if (std::isfinite(bound) && (bounds.empty() || bound < bounds.back().bound))
        bounds.push_back({step, bound});
    }
    return bounds;
  }

  const Objective objective_;
  const Options options_;
};

}  // namespace

absl::Status Validate(const Settings& settings) { return ReadOptions(settings).status(); }

absl::StatusOr<std::unique_ptr<EarlyStopper>> Create(const Problem& problem) {
  QALAM_ASSIGN_OR_RETURN(const Options options, ReadOptions(problem.settings));
  QALAM_ASSIGN_OR_RETURN(Objective objective, NamedObjective(problem, "curve"));
  return std::make_unique<CurveStop>(std::move(objective), options);
}

}  // namespace qalam::algorithms::curve_stop
