// What early-stopping rules have in common when they are made.
#pragma once

#include <span>
#include <string_view>

#include "algorithms/algorithm.h"
#include "algorithms/early_stopper.h"

namespace qalam::algorithms {

/// INVALID_ARGUMENT for a setting that is neither one of `own` nor `evaluate`, with the text of CheckSettingNames, and for a
/// value of `evaluate` other than every and once. Every rule has that setting; it is for whoever compares reports with
/// the rule (at each report from start_step on, or at report number start_step alone) and changes no rule.
absl::Status CheckStopperSettings(const Settings& settings, std::string_view algorithm,
                                  std::span<const std::string_view> own);

/// The setting `start_step`, from 1 to 2147483647 (the wire has 32 bits for it); `preset` when it is not given.
absl::StatusOr<int> StartStepSetting(const Settings& settings, int preset);

/// Another setting that is a whole number from `least` to 2147483647.
absl::StatusOr<int> CountSetting(const Settings& settings, std::string_view name, int least, int preset);

/// The first objective. INVALID_ARGUMENT: there is none, or it has no name.
absl::StatusOr<Objective> NamedObjective(const Problem& problem, std::string_view algorithm);

/// How values compare with one that is better than they are.
inline Comparison WorseIn(Direction direction) {
  return direction == Direction::kMaximize ? Comparison::kLess : Comparison::kGreater;
}

/// A stopper whose rule is the same whatever the trials.
std::unique_ptr<EarlyStopper> FixedRule(StoppingRule rule);

}  // namespace qalam::algorithms
