// Files that hold keys and tokens, for their owner's eyes.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/status.h"

namespace qalam::server {

/// NOT_FOUND: there is none. PERMISSION_DENIED: it cannot be read, or others than its owner may read or write
/// it, or, unless we are root, it is not ours.
absl::StatusOr<std::string> ReadSecretFile(const std::string& path);

/// ReadSecretFile of a file that `make` writes unless it is there. When several processes do this at once
/// they all get the text of one of them. PERMISSION_DENIED also when it cannot be written.
absl::StatusOr<std::string> ReadOrMakeSecretFile(const std::string& path,
                                                 const std::function<absl::StatusOr<std::string>()>& make);

enum class Readers { kOwner, kEverybody };

/// Replaces the file at once: whoever reads it gets the old or the new text, also after a power cut.
/// PERMISSION_DENIED: it cannot be written.
absl::Status ReplaceFile(const std::string& path, std::string_view text, Readers readers);

}  // namespace qalam::server
