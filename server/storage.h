// The database of a data directory and what is kept in it, shared by everything in one process.
#pragma once

#include <memory>
#include <random>
#include <string>

#include "base/status.h"
#include "db/database.h"
#include "db/embedded_resource_store.h"
#include "db/observation_log.h"

namespace qalam::server {

struct StorageOptions {
  db::Durability durability = db::Durability::kProcess;
  std::int64_t max_points_per_trial = 0;  // 0: no limit
};

/// Threads: store() and observations() may be used concurrently.
class Storage {
 public:
  /// Makes the directory when it is missing and takes its lock. Reads no resource and starts no thread, so
  /// that a process may still fork. Codes: those of DataLayout::Create and db::Database::Open.
  static absl::StatusOr<std::unique_ptr<Storage>> Open(const std::string& data_directory,
                                                       const StorageOptions& options);

  /// Reads the resources; store() is there afterwards. Codes: those of db::EmbeddedResourceStore::Open.
  absl::Status Load();

  db::Database& database() { return *database_; }
  api::ResourceStore& store() { return *store_; }
  db::ObservationLog& observations() { return observations_; }

 private:
  Storage(std::unique_ptr<db::Database> database, const StorageOptions& options);

  std::unique_ptr<db::Database> database_;
  std::mt19937_64 random_;
  std::unique_ptr<db::EmbeddedResourceStore> store_;
  db::ObservationLog observations_;
};

}  // namespace qalam::server
