// Labels of trials that mean something to the services of this room.
#pragma once

#include <string_view>

namespace qalam::suggestion {

/// The trial's place in the order of creation, a decimal number from 0. Callers that know it should send it: times on the
/// wire are whole seconds, and algorithms repeat themselves to the last digit only if the trials come in the same order.
inline constexpr std::string_view kTrialIndexLabel = "qalam.dev/trial-index";

/// Under which name DBManager has what the trial reported, where that is not the trial's name.
inline constexpr std::string_view kObservationKeyLabel = "qalam.dev/observation-key";

/// Of a failed trial, where more is known: kInfeasible, its program says that these parameters cannot work; kTemporary,
/// it failed for reasons that are not the parameters'.
inline constexpr std::string_view kFailureLabel = "qalam.dev/failure";
inline constexpr std::string_view kInfeasible = "infeasible";
inline constexpr std::string_view kTemporary = "temporary";

/// Of a trial that belongs to an earlier experiment: the name of that one, as the extension qalam.dev/warm-start has it.
inline constexpr std::string_view kEarlierExperimentLabel = "qalam.dev/experiment";

}  // namespace qalam::suggestion
