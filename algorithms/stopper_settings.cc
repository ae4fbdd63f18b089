#include "algorithms/stopper_settings.h"

#include <fmt/format.h>

#include <limits>
#include <vector>

namespace qalam::algorithms {
namespace {

class FixedRuleStopper final : public EarlyStopper {
 public:
  explicit FixedRuleStopper(StoppingRule rule) : rule_(std::move(rule)) {}

  bool UsesCurveOf(const Trial&) const override { return false; }
  int curve_length() const override { return 1; }
  absl::StatusOr<std::vector<StoppingRule>> Rules(const History&) const override {
    return std::vector<StoppingRule>{rule_};
  }

 private:
  const StoppingRule rule_;
};

}  // namespace

absl::Status CheckStopperSettings(const Settings& settings, std::string_view algorithm,
                                  std::span<const std::string_view> own) {
  std::vector<std::string_view> known(own.begin(), own.end());
  known.push_back("evaluate");
  QALAM_RETURN_IF_ERROR(CheckSettingNames(settings, algorithm, known));
  const std::string_view evaluate = FindSetting(settings, "evaluate").value_or("every");
  if (evaluate == "every" || evaluate == "once") return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format("evaluate must be every or once, got '{}'", evaluate));
}

absl::StatusOr<int> StartStepSetting(const Settings& settings, int preset) {
  QALAM_ASSIGN_OR_RETURN(const std::optional<std::int64_t> step, IntSetting(settings, "start_step"));
  if (!step) return preset;
  if (*step < 1) return absl::InvalidArgumentError("start_step must be greater or equal than one (>=1)");
  constexpr std::int64_t kMaxStep = std::numeric_limits<int>::max();
  if (*step > kMaxStep) {
    return absl::InvalidArgumentError(fmt::format("start_step must be at most {}, got {}", kMaxStep, *step));
  }
  return static_cast<int>(*step);
}

absl::StatusOr<int> CountSetting(const Settings& settings, std::string_view name, int least, int preset) {
  QALAM_ASSIGN_OR_RETURN(const std::optional<std::int64_t> count, IntSetting(settings, name));
  if (!count) return preset;
  constexpr std::int64_t kMax = std::numeric_limits<int>::max();
  if (*count >= least && *count <= kMax) return static_cast<int>(*count);
  return absl::InvalidArgumentError(
      fmt::format("{} must be from {} to {}, got {}", name, least, kMax, *count));
}

absl::StatusOr<Objective> NamedObjective(const Problem& problem, std::string_view algorithm) {
  if (problem.objectives.empty()) {
    return absl::InvalidArgumentError(fmt::format("{} needs an objective, got none", algorithm));
  }
  if (problem.objectives[0].metric.empty()) {
    return absl::InvalidArgumentError(
        fmt::format("{} needs the name of the objective metric, got ''", algorithm));
  }
  return problem.objectives[0];
}

std::unique_ptr<EarlyStopper> FixedRule(StoppingRule rule) {
  return std::make_unique<FixedRuleStopper>(std::move(rule));
}

}  // namespace qalam::algorithms
