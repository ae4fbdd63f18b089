// ReadStore over a data directory. Reading never writes, and works while another qalam runs there.
#pragma once

#include <memory>
#include <string>

#include "cli/read_store.h"

namespace qalam::cli {

/// Every function looks at the file anew, so that followers see what has changed.
/// NOT_FOUND: there is no database in `data_directory`. Other codes: those of db::Database::OpenReadOnly.
absl::StatusOr<std::unique_ptr<ReadStore>> OpenDataDirectory(const std::string& data_directory);

}  // namespace qalam::cli
