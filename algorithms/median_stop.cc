#include "algorithms/median_stop.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

namespace qalam::algorithms::median_stop {
namespace {

struct Options {
  std::int64_t min_trials_required = 3;  // >= 1
  int start_step = 4;                    // >= 1
  bool mean = false;                     // instead of the median
};

absl::StatusOr<Options> ReadOptions(const Settings& settings) {
  QALAM_RETURN_IF_ERROR(
      CheckSettingNames(settings, "medianstop", {"min_trials_required", "start_step", "statistic"}));
  Options options;
  QALAM_ASSIGN_OR_RETURN(const std::optional<std::int64_t> trials,
                         IntSetting(settings, "min_trials_required"));
  options.min_trials_required = trials.value_or(options.min_trials_required);
  if (options.min_trials_required <= 0) {
    return absl::InvalidArgumentError("min_trials_required must be greater than zero (>0)");
  }
  QALAM_ASSIGN_OR_RETURN(const std::optional<std::int64_t> step, IntSetting(settings, "start_step"));
  if (step && *step < 1) {
    return absl::InvalidArgumentError("start_step must be greater or equal than one (>=1)");
  }
  constexpr std::int64_t kMaxStep = std::numeric_limits<int>::max();  // the wire has 32 bits for it
  if (step && *step > kMaxStep) {
    return absl::InvalidArgumentError(fmt::format("start_step must be at most {}, got {}", kMaxStep, *step));
  }
  if (step) options.start_step = static_cast<int>(*step);
  if (const std::optional<std::string_view> statistic = FindSetting(settings, "statistic")) {
    if (*statistic != "median" && *statistic != "mean") {
      return absl::InvalidArgumentError(
          fmt::format("statistic must be median or mean, got '{}'", *statistic));
    }
    options.mean = *statistic == "mean";
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
    std::vector<double> averages;
    for (const Trial& trial : history.trials) {
      if (!UsesCurveOf(trial)) continue;
      if (const double average = AverageOf(trial.curve); std::isfinite(average)) averages.push_back(average);
    }
    if (averages.empty() || static_cast<std::int64_t>(averages.size()) < options_.min_trials_required) {
      return std::vector<StoppingRule>{};
    }
    std::sort(averages.begin(), averages.end());  // sums, too, then do not depend on the order of the trials
    const double value = options_.mean ? Mean(averages) : MedianOfSorted(averages);
    if (!std::isfinite(value)) return std::vector<StoppingRule>{};
    const Comparison worse =
        objective_.direction == Direction::kMaximize ? Comparison::kLess : Comparison::kGreater;
    return std::vector<StoppingRule>{{objective_.metric, value, worse, options_.start_step}};
  }

 private:
  // NaN when there is none.
  double AverageOf(const std::vector<CurvePoint>& curve) const {
    const size_t count = std::min(curve.size(), static_cast<size_t>(options_.start_step));
    double sum = 0;
    for (size_t i = 0; i < count; ++i) sum += curve[i].value;
    return sum / static_cast<double>(count);
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
