// From a trial template and a set of parameters to the object that runs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/experiment.h"
#include "base/status.h"

namespace qalam::workload {

/// Renders a run specification: replaces every `${trialParameters.<name>}` of `template_text` (JSON or YAML)
/// by the assignment that its reference names, or by a metadata reference (`${trialSpec.Name}`, `.Namespace`,
/// `.Kind`,
/// `.APIVersion`, `.Annotations[key]`, `.Labels[key]`), then sets metadata.name and metadata.namespace.
/// When the template is JSON the value is escaped for the string it lands in, so quotes in it stay quotes.
///
/// INVALID_ARGUMENT: a reference without an assignment, an assignment that no trialParameter uses, a label or
/// annotation that does not exist, a placeholder left over, or a result that does not parse; the message
/// names it.
absl::StatusOr<api::JsonText> RenderRunSpec(std::string_view template_text,
                                            const api::TrialTemplate& trial_template,
                                            const std::vector<api::ParameterAssignment>& assignments,
                                            std::string_view trial_name, std::string_view namespace_name);

}  // namespace qalam::workload
