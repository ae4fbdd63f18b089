#include "algorithms/hyperband_stop.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>

#include "algorithms/stop_schedule.h"
#include "algorithms/stopper_settings.h"
#include "base/name_share.h"

namespace qalam::algorithms::hyperband_stop {
namespace {

struct Options {
  int r_l = 0, eta = 3, r_min = 1;
};

absl::StatusOr<Options> ReadOptions(const Settings& settings) {
  QALAM_RETURN_IF_ERROR(CheckStopperSettings(settings, "hyperband-stop", kSettings));
  Options options;
  QALAM_ASSIGN_OR_RETURN(options.eta, CountSetting(settings, "eta", 2, options.eta));
  QALAM_ASSIGN_OR_RETURN(options.r_min, CountSetting(settings, "r_min", 1, options.r_min));
  QALAM_ASSIGN_OR_RETURN(options.r_l, CountSetting(settings, "r_l", 1, 0));
  if (options.r_l == 0) {
    return absl::InvalidArgumentError("r_l must be given: how often a trial reports that runs to its end");
  }
  const std::int64_t least = std::int64_t{options.r_min} * options.eta;
  if (options.r_l < least) {
    return absl::InvalidArgumentError(
        fmt::format("r_l must be at least r_min * eta = {}, got {}", least, options.r_l));
  }
  return options;
}

class HyperbandStop final : public EarlyStopper {
 public:
  HyperbandStop(Objective objective, const Options& options)
      : objective_(std::move(objective)), eta_(options.eta) {
    std::vector<std::uint64_t> powers = {1};
    while (options.r_min * powers.back() * eta_ <= static_cast<std::uint64_t>(options.r_l))
      powers.push_back(powers.back() * eta_);
    const std::uint64_t count = powers.size();
    for (std::uint64_t s = count; s-- > 0;) {
      std::vector<int>& rungs = brackets_.emplace_back();
      for (std::uint64_t rung = s; rung > 0; --rung)
        rungs.push_back(static_cast<int>(options.r_l / powers[rung]));
      weights_.push_back((count * powers[s] + s) / (s + 1));
    }
  }

  bool UsesCurveOf(const Trial& trial) const override { return CompetesOnRungs(trial); }
  int curve_length() const override { return std::min(kLongestCurve, brackets_.front().back()); }

  absl::StatusOr<std::vector<StoppingRule>> Rules(const History& history) const override {
    std::vector<std::vector<std::vector<double>>> curves(brackets_.size());
    for (const Trial& trial : history.trials) {
      if (!CompetesOnRungs(trial)) continue;
      curves[ShareOf(trial.name, weights_)].push_back(BestSoFar(trial, objective_.direction));
    }
    std::vector<std::string> schedules;
    bool bounded = false;
    for (size_t i = 0; i < brackets_.size(); ++i) {
      const std::vector<StepBound> bounds = RungBounds(curves[i], brackets_[i], static_cast<int>(eta_));
      bounded = bounded || !bounds.empty();
      schedules.push_back(fmt::format("{}* {}", weights_[i], ScheduleText(bounds, objective_.direction)));
    }
    if (!bounded) return std::vector<StoppingRule>{};
    return std::vector<StoppingRule>{
        ScheduleRule(objective_, fmt::format("{}", fmt::join(schedules, " | ")))};
  }

 private:
  const Objective objective_;
  const std::uint64_t eta_;
  std::vector<std::vector<int>> brackets_;  // rungs; the one that stops earliest first
  std::vector<std::uint64_t> weights_;
};

}  // namespace

absl::Status Validate(const Settings& settings) { return ReadOptions(settings).status(); }

absl::StatusOr<std::unique_ptr<EarlyStopper>> Create(const Problem& problem) {
  QALAM_ASSIGN_OR_RETURN(const Options options, ReadOptions(problem.settings));
  QALAM_ASSIGN_OR_RETURN(Objective objective, NamedObjective(problem, "hyperband-stop"));
  return std::make_unique<HyperbandStop>(std::move(objective), options);
}

}  // namespace qalam::algorithms::hyperband_stop
