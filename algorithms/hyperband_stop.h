// Early-stopping rule "hyperband-stop".
#pragma once

#include <memory>

#include "algorithms/early_stopper.h"

namespace qalam::algorithms {

/// Hyperband [1] as a stopping rule: successive halving with several first rungs side by side, as nobody knows before how
/// early a value tells good from bad. With s_max = floor(log_eta(r_l / r_min)) there are brackets s = s_max ... 0; the
/// rungs of bracket s are at report r_l / eta^s, ..., r_l / eta, and its trials are compared with each other as `asha`
/// compares all. Those of bracket 0 are never stopped.
///
/// Each trial belongs to a bracket by its name alone (base/name_share.h), with the chances that the numbers of trials in
/// [1] give them, ceil((s_max + 1) eta^s / (s + 1)): all trials have one rule with the schedules of all brackets.
///
/// Trials:    as for `asha`.
/// Rules:     one, ScheduleRule (stop_schedule.h) with a schedule for each bracket.
/// Settings:  r_l (whole number, at least r_min eta; must be given: the reports of a trial that runs to its end),
///            eta (whole number from 2, default 3), r_min (whole number from 1, default 1).
/// Cost:      O(n r) for n trials of r reports, r <= kLongestCurve.
///
/// [1] Li et al., Hyperband: A Novel Bandit-Based Approach to Hyperparameter Optimization, JMLR 18(185), 2018.
/// Departs from [1]: brackets are filled side by side instead of one after another, and each is halved asynchronously.
namespace hyperband_stop {

inline constexpr std::string_view kSettings[] = {"r_l", "eta", "r_min"};

absl::Status Validate(const Settings& settings);
absl::StatusOr<std::unique_ptr<EarlyStopper>> Create(const Problem& problem);

}  // namespace hyperband_stop
}  // namespace qalam::algorithms
