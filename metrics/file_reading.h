// What sources that read files have in common.
#pragma once

#include <cerrno>
#include <cstddef>
#include <memory>

#include "absl/time/time.h"

namespace qalam::metrics {

/// As much as one task of the loop reads.
inline constexpr size_t kChunkBytes = 256 << 10;

/// Room for a chunk. Tasks of a loop do not overlap and reading happens in tasks only, so all that read on a thread share
/// one; what is in it holds until the task ends.
inline char* ReadBuffer() {
  thread_local const std::unique_ptr<char[]> buffer(new char[kChunkBytes]);
  return buffer.get();
}

/// Whether the system is short of descriptors or memory, so that the same may succeed later.
inline bool IsShortage(int error) { return error == EMFILE || error == ENFILE || error == ENOMEM; }

inline constexpr absl::Duration kShortageDelay = absl::Milliseconds(100);  // before it is tried again

}  // namespace qalam::metrics
