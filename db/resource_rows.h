// Reading all resources, and what is remembered of those before, from the database. Internal to this room.
#pragma once

#include <cstdint>

#include "base/status.h"
#include "db/resource_table.h"
#include "db/watch_hub.h"

namespace qalam::db {

class Database;

struct StoredResources {
  ResourceTable table;
  std::int64_t version = 1;  // the largest ever given out; 1 in a new file, so that no list has version 0
  RememberedPast past;       // none when the database is open read-only: nothing will change
};

/// DATA_LOSS naming the resource when a row cannot be read. Kinds that are not known are left out when the
/// database is open read-only, and FAILED_PRECONDITION otherwise.
absl::StatusOr<StoredResources> LoadResources(Database& database);

}  // namespace qalam::db
