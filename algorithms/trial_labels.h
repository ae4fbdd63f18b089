// Labels by which an algorithm finds its own trials again, and by which others know what a trial is.
#pragma once

#include <string_view>

namespace qalam::algorithms {

/// The name of the trial from whose checkpoint this one goes on.
inline constexpr std::string_view kParentLabel = "qalam.dev/parent";

/// Of successive halving: which bracket, and how often the point was promoted; decimal numbers from 0.
inline constexpr std::string_view kBracketLabel = "qalam.dev/bracket";
inline constexpr std::string_view kRungLabel = "qalam.dev/rung";

/// Katib's labels of population-based training; the second one means what kParentLabel means.
inline constexpr std::string_view kGenerationLabel = "pbt.suggestion.katib.kubeflow.org/generation";
inline constexpr std::string_view kPbtParentLabel = "pbt.suggestion.katib.kubeflow.org/parent";

}  // namespace qalam::algorithms
