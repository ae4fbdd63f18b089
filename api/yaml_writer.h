// Nodes as block-style YAML. Internal to this room.
#pragma once

#include <string>

#include "api/node.h"

namespace qalam::api {

/// Appends a whole document, ending with a line break. Text that YAML 1.1 or 1.2 could read as anything but
/// this text is quoted; text of several lines becomes a literal block where that is exact.
void AppendYaml(const Node& root, std::string& out);

}  // namespace qalam::api
