#include "algorithms/asha_stop.h"

#include "algorithms/stop_schedule.h"
#include "algorithms/stopper_settings.h"

namespace qalam::algorithms::asha_stop {
namespace {

struct Options {
  int eta = 3, r_min = 1;
};

absl::StatusOr<Options> ReadOptions(const Settings& settings) {
  QALAM_RETURN_IF_ERROR(CheckStopperSettings(settings, "asha", kSettings));
  Options options;
  QALAM_ASSIGN_OR_RETURN(options.eta, CountSetting(settings, "eta", 2, options.eta));
  QALAM_ASSIGN_OR_RETURN(options.r_min, CountSetting(settings, "r_min", 1, options.r_min));
  return options;
}

class AshaStop final : public EarlyStopper {
 public:
  AshaStop(Objective objective, const Options& options)
      : objective_(std::move(objective)), eta_(options.eta) {
    for (std::int64_t rung = options.r_min; rung <= kLongestCurve; rung *= eta_)
      rungs_.push_back(static_cast<int>(rung));
  }

  bool UsesCurveOf(const Trial& trial) const override { return CompetesOnRungs(trial); }
  int curve_length() const override { return rungs_.empty() ? 1 : rungs_.back(); }

  absl::StatusOr<std::vector<StoppingRule>> Rules(const History& history) const override {
    std::vector<std::vector<double>> curves;
    for (const Trial& trial : history.trials) {
      if (CompetesOnRungs(trial)) curves.push_back(BestSoFar(trial, objective_.direction));
    }
    const std::vector<StepBound> bounds = RungBounds(curves, rungs_, eta_);
    if (bounds.empty()) return std::vector<StoppingRule>{};
    return std::vector<StoppingRule>{ScheduleRule(objective_, ScheduleText(bounds, objective_.direction))};
  }

 private:
  const Objective objective_;
  const int eta_;
  std::vector<int> rungs_;
};

}  // namespace

absl::Status Validate(const Settings& settings) { return ReadOptions(settings).status(); }

absl::StatusOr<std::unique_ptr<EarlyStopper>> Create(const Problem& problem) {
  QALAM_ASSIGN_OR_RETURN(const Options options, ReadOptions(problem.settings));
  QALAM_ASSIGN_OR_RETURN(Objective objective, NamedObjective(problem, "asha"));
  return std::make_unique<AshaStop>(std::move(objective), options);
}

}  // namespace qalam::algorithms::asha_stop
