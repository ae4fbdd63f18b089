// Whole files, in and out.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"

namespace qalam::bench {

/// A file whose name ends with ".gz" is unpacked. NOT_FOUND: there is none. UNAVAILABLE: it cannot be read.
/// INVALID_ARGUMENT: it is not what gzip wrote.
absl::StatusOr<std::string> ReadFile(const std::string& path);

/// Puts the text in the place of the file in one step. UNAVAILABLE: that cannot be done; the file is as it was.
absl::Status ReplaceFile(const std::string& path, std::string_view text);

}  // namespace qalam::bench
