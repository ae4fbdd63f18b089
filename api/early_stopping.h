// The part of spec.earlyStopping that belongs to whoever checks the rules, not to the service that makes them.
#pragma once

#include <string_view>

#include "api/experiment.h"
#include "base/status.h"

namespace qalam::api {

/// When a rule with a start step N is checked.
enum class RuleEvaluation {
  kEvery,  // at report N of its metric and at every later one
  kOnce,   // at report N alone, as Katib does
};

/// The name of the setting, whose values are "every" and "once".
inline constexpr std::string_view kEvaluateSetting = "evaluate";

/// kEvery without the setting. INVALID_ARGUMENT for any other value.
absl::StatusOr<RuleEvaluation> RuleEvaluationOf(const AlgorithmSpec& early_stopping);

}  // namespace qalam::api
