// Template texts of ConfigMaps are YAML. Internal to this room.
#pragma once

#include <string_view>

#include "workload/json_parse.h"

namespace qalam::workload {

/// The first document of a YAML text as JSON. Plain scalars become null, booleans (true, false), whole
/// numbers or numbers where they look like one; everything else is text. INVALID_ARGUMENT with the line: bad
/// syntax, anchors and aliases (a few lines can stand for gigabytes), a key that is no scalar or comes twice,
/// nesting beyond kMaxNesting.
absl::StatusOr<Json> YamlToJson(std::string_view text);

}  // namespace qalam::workload
