#include "server/storage.h"

#include "absl/time/clock.h"
#include "server/data_layout.h"

namespace qalam::server {
namespace {

// An engine in an unpredictable state. Asking the processor for every number takes a virtual machine
// microseconds each.
std::mt19937_64 SeededEngine() {
  std::random_device device;
  std::seed_seq seed{device(), device(), device(), device(), device(), device(), device(), device()};
  return std::mt19937_64(seed);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Storage>> Storage::Open(const std::string& data_directory,
                                                       const StorageOptions& options) {
  const DataLayout layout(data_directory);
  QALAM_RETURN_IF_ERROR(layout.Create());
  QALAM_ASSIGN_OR_RETURN(auto database,
                         db::Database::Open(layout.database(), {.durability = options.durability}));
  return std::unique_ptr<Storage>(new Storage(std::move(database), options));
}

Storage::Storage(std::unique_ptr<db::Database> database, const StorageOptions& options)
    : database_(std::move(database)),
      random_(SeededEngine()),
      observations_(*database_, {.max_points_per_trial = options.max_points_per_trial}) {}

absl::Status Storage::Load() {
  QALAM_ASSIGN_OR_RETURN(
      store_, db::EmbeddedResourceStore::Open(
                  *database_, {.now = [] { return absl::Now(); }, .random = [this] { return random_(); }}));
  return absl::OkStatus();
}

}  // namespace qalam::server
