// What an Experiment can say beyond Katib.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace qalam {

/// An extension is an annotation of the Experiment, which Katib ignores, or an algorithm setting of the same name, for
/// clients that have no annotations. The controller sends annotations on as settings. Names of both begin so:
inline constexpr std::string_view kExtensionPrefix = "qalam.dev/";

/// Parameters that are active only under others' values.
inline constexpr std::string_view kConditionsExtension = "qalam.dev/conditions";
/// Linear inequalities between parameters, and bounds on metrics.
inline constexpr std::string_view kConstraintsExtension = "qalam.dev/constraints";
/// Additional metrics that are objectives too, each with its direction.
inline constexpr std::string_view kObjectivesExtension = "qalam.dev/objectives";
/// Points to be tried first.
inline constexpr std::string_view kEnqueueExtension = "qalam.dev/enqueue";
/// Earlier experiments to learn from.
inline constexpr std::string_view kWarmStartExtension = "qalam.dev/warm-start";
/// When more trials are not worth their cost.
inline constexpr std::string_view kEndWhenExtension = "qalam.dev/end-when";

inline constexpr std::array kExtensions = {kConditionsExtension, kConstraintsExtension, kObjectivesExtension,
                                           kEnqueueExtension,    kWarmStartExtension,   kEndWhenExtension};

/// Ends the names of annotations in which commands report what they have found out. They are no extensions, and no mistake in a
/// file that such a command has written.
inline constexpr std::string_view kReportSuffix = "-report";

inline bool IsExtension(std::string_view name) {
  return std::find(kExtensions.begin(), kExtensions.end(), name) != kExtensions.end();
}

}  // namespace qalam
