// What an experiment says in an extension.
#pragma once

#include <string_view>

#include "api/experiment.h"

namespace qalam::api {

/// The text of an extension (base/extensions.h): of its annotation, or else of the last algorithm setting of that name, as
/// services see it. Empty without either. Part of `experiment`.
std::string_view ExtensionText(const Experiment& experiment, std::string_view extension);

}  // namespace qalam::api
