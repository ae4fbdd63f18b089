// Whether a file has changed.
#pragma once

#include <string>

namespace qalam::server {

/// Differs whenever the file was written or replaced; empty when there is none.
std::string FileVersion(const std::string& path);

}  // namespace qalam::server
