// Copies of checkpoint directories.
#pragma once

#include <functional>
#include <string>

#include "base/status.h"

namespace qalam::workload {

/// Copies the directory `from` with all it holds to `to`, which is not there before and is whole as soon as it is: what
/// is made under the name `<to>.partial` is on disk before it is renamed. A `<to>.partial` of an earlier copy that did
/// not come to its end is removed first. Nothing is done when `to` exists.
///
/// Files share their blocks with the original where the file system can do that (reflinks), never the file itself:
/// programs write into checkpoints. Permissions and times of modification are kept, symbolic links stay links.
///
/// Blocks. `stop_requested` is polled between pieces of some MiB; CANCELLED when it says so.
/// NOT_FOUND: there is no `from`. INVALID_ARGUMENT: it holds something that is no file, directory or symbolic link.
/// RESOURCE_EXHAUSTED: no space. UNAVAILABLE: anything else. Each names the path.
absl::Status CopyCheckpoint(const std::string& from, const std::string& to,
                            const std::function<bool()>& stop_requested);

}  // namespace qalam::workload
