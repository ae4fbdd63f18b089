#include "server/data_layout.h"

#include <fmt/format.h>

#include <filesystem>

namespace qalam::server {

absl::Status DataLayout::Create() const {
  std::error_code error;
  std::filesystem::create_directories(root, error);
  if (!error) return absl::OkStatus();
  return absl::PermissionDeniedError(fmt::format(
      "cannot create the data directory {}: {}; choose another one with --data-dir", root, error.message()));
}

}  // namespace qalam::server
