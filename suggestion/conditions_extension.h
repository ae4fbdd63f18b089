// The extension qalam.dev/conditions: parameters that are active only under others' values.
#pragma once

#include <string_view>

#include "algorithms/search_space.h"
#include "base/status.h"

namespace qalam::suggestion {

/// The space with the conditions of `text`, entries `NAME, ...: PARENT TEST` between semicolons or line ends, as
/// docs/constraints.md has them. INVALID_ARGUMENT, naming the extension, the entry, what was seen and what would be right: an
/// entry that cannot be read, an unknown name or value, a comparison without numbers, a condition that never holds, a cycle.
absl::StatusOr<algorithms::SearchSpace> ReadConditions(std::string_view text,
                                                       const algorithms::SearchSpace& space);

}  // namespace qalam::suggestion
