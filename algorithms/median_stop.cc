#include "algorithms/median_stop.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

#include "algorithms/stopper_settings.h"

namespace qalam::algorithms::median_stop {
namespace {

enum class Statistic {
  kMedian,        // of the averages
  kMean,          // of the averages
  kMedianOfBest,  // of the best values
};

struct Options {
  std::int64_t min_trials_required = 3;  // >= 1
  int start_step = 4;                    // >= 1
  Statistic statistic = Statistic::kMedian;
};

absl::StatusOr<Options> ReadOptions(const Settings& settings) {
  QALAM_RETURN_IF_ERROR(CheckStopperSettings(settings, "medianstop", kSettings));
  Options options;
  QALAM_ASSIGN_OR_RETURN(const std::optional<std::int64_t> trials,
                         IntSetting(settings, "min_trials_required"));
  options.min_trials_required = trials.value_or(options.min_trials_required);
  if (options.min_trials_required <= 0) {
    return absl::InvalidArgumentError("min_trials_required must be greater than zero (>0)");
  }
  QALAM_ASSIGN_OR_RETURN(options.start_step, StartStepSetting(settings, options.start_step));
  if (const std::optional<std::string_view> statistic = FindSetting(settings, "statistic")) {
    if (*statistic == "mean") {
      options.statistic = Statistic::kMean;
    } else if (*statistic == "best") {
      options.statistic = Statistic::kMedianOfBest;
    } else if (*statistic != "median") {
      return absl::InvalidArgumentError(
          fmt::format("statistic must be median, mean or best, got '{}'", *statistic));
    }
  }
  return options;
}

double Mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double MedianOfSorted(const std::vector<double>& values) {
  return std::midpoint(values[(values.size() - 1) / 2], values[values.size() / 2]);
}

class MedianStop final : public EarlyStopper {
 public:
  MedianStop(Objective objective, Options options) : objective_(std::move(objective)), options_(options) {}

  bool UsesCurveOf(const Trial& trial) const override { return trial.status == TrialStatus::kSucceeded; }
  int curve_length() const override { return options_.start_step; }

  absl::StatusOr<std::vector<StoppingRule>> Rules(const History& history) const override {
    std::vector<double> figures;
    for (const Trial& trial : history.trials) {
      if (!UsesCurveOf(trial)) continue;
      if (const double figure = FigureOf(trial.curve); std::isfinite(figure)) figures.push_back(figure);
    }
    if (figures.empty() || static_cast<std::int64_t>(figures.size()) < options_.min_trials_required) {
      return std::vector<StoppingRule>{};
    }
    std::sort(figures.begin(), figures.end());  // sums, too, then do not depend on the order of the trials
    const double value = options_.statistic == Statistic::kMean ? Mean(figures) : MedianOfSorted(figures);
    if (!std::isfinite(value)) return std::vector<StoppingRule>{};
    return std::vector<StoppingRule>{
        {objective_.metric, value, WorseIn(objective_.direction), options_.start_step}};
  }

 private:
  // What stands for a trial: of its first reports the average, or the best; not finite when there is none.
  double FigureOf(const std::vector<CurvePoint>& curve) const {
    const size_t count = std::min(curve.size(), static_cast<size_t>(options_.start_step));
    const double sign = objective_.direction == Direction::kMaximize ? 1 : -1;
    double sum = 0, best = -std::numeric_limits<double>::infinity();
    for (size_t i = 0; i < count; ++i) {
      sum += curve[i].value;
      best = std::max(best, sign * curve[i].value);
    }
    const double average = sum / static_cast<double>(count);
    if (options_.statistic != Statistic::kMedianOfBest) return average;
    return std::isfinite(average) ? sign * best : average;
  }

  const Objective objective_;
  const Options options_;
};

}  // namespace

absl::Status Validate(const Settings& settings) { return ReadOptions(settings).status(); }

absl::StatusOr<std::unique_ptr<EarlyStopper>> Create(const Problem& problem) {
  QALAM_ASSIGN_OR_RETURN(const Options options, ReadOptions(problem.settings));
  if (problem.objectives.empty()) {
    return absl::InvalidArgumentError("medianstop needs an objective, got none");
  }
  return std::make_unique<MedianStop>(problem.objectives[0], options);
}

}  // namespace qalam::algorithms::median_stop
