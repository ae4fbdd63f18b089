// The embedded store of a data directory, for commands that change a resource and run nothing.
#pragma once

#include <memory>
#include <string>

#include "base/status.h"
#include "db/embedded_resource_store.h"

namespace qalam::cli {

struct WritableStore {
  std::unique_ptr<db::Database> database;
  std::unique_ptr<db::EmbeddedResourceStore> store;
};

/// Makes the directory when it is missing. UNAVAILABLE while another process writes there.
absl::StatusOr<WritableStore> OpenWritableStore(const std::string& data_directory);

}  // namespace qalam::cli
