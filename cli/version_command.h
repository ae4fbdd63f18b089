// qalam version
#pragma once

#include <string>
#include <string_view>

#include "cli/streams.h"

namespace qalam::cli {

/// "0.1.0", as in the project's CMakeLists.txt.
std::string_view Version();

struct VersionOptions {
  std::string format = "text";  // -o text, json or yaml
};
int RunVersion(const VersionOptions& options, Streams& streams);

}  // namespace qalam::cli
