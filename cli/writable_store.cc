#include "cli/writable_store.h"

#include <random>

#include "server/data_layout.h"

namespace qalam::cli {

absl::StatusOr<WritableStore> OpenWritableStore(const std::string& data_directory) {
  const server::DataLayout layout(data_directory);
  QALAM_RETURN_IF_ERROR(layout.Create());
  WritableStore opened;
  QALAM_ASSIGN_OR_RETURN(opened.database, db::Database::Open(layout.database()));
  const auto random = [] {
    std::random_device device;
    return std::uint64_t{device()} << 32 | device();
  };
  QALAM_ASSIGN_OR_RETURN(
      opened.store, db::EmbeddedResourceStore::Open(*opened.database,
                                                    {.now = [] { return absl::Now(); }, .random = random}));
  return opened;
}

}  // namespace qalam::cli
