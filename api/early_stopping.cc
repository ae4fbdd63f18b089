#include "api/early_stopping.h"

#include <fmt/format.h>

namespace qalam::api {

absl::StatusOr<RuleEvaluation> RuleEvaluationOf(const AlgorithmSpec& early_stopping) {
  RuleEvaluation evaluation = RuleEvaluation::kEvery;
  for (const AlgorithmSetting& setting : early_stopping.algorithm_settings) {
    if (setting.name != kEvaluateSetting) continue;
    if (setting.value != "every" && setting.value != "once") {
      return absl::InvalidArgumentError(
          fmt::format("{} must be every or once, got '{}'", kEvaluateSetting, setting.value));
    }
    evaluation = setting.value == "once" ? RuleEvaluation::kOnce : RuleEvaluation::kEvery;
  }
  return evaluation;
}

}  // namespace qalam::api
