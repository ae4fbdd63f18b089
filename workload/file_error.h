// What the operating system says of a file, as a status. Internal to this room.
#pragma once

#include <cerrno>
#include <cstring>
#include <string_view>

#include "base/status.h"
#include "fmt/format.h"

namespace qalam::workload {

/// "cannot read /a/b: Permission denied". RESOURCE_EXHAUSTED: no space; UNAVAILABLE: anything else.
inline absl::Status FileError(std::string_view what, std::string_view path, int error) {
  const std::string message = fmt::format("cannot {} {}: {}", what, path, std::strerror(error));
  if (error == ENOSPC || error == EDQUOT) return absl::ResourceExhaustedError(message);
  return absl::UnavailableError(message);
}

}  // namespace qalam::workload
