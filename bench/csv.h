// Comma-separated values, RFC 4180: quoted fields, doubled quotes, LF or CR LF.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace qalam::bench {

using CsvRecord = std::vector<std::string>;

/// Empty lines are left out. INVALID_ARGUMENT "line N: ..." for a quote that is not closed.
absl::StatusOr<std::vector<CsvRecord>> ParseCsv(std::string_view text);

/// In double quotes where needed; ended by "\n".
std::string CsvLine(const CsvRecord& fields);

}  // namespace qalam::bench
