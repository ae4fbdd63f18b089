// Comma-separated values, RFC 4180.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace qalam {

using CsvRecord = std::vector<std::string>;

/// Quoted fields, doubled quotes, LF or CR LF; empty lines are left out. INVALID_ARGUMENT "line N: ..." for a
/// quote that is not closed. `lines`, where given, becomes the number of the line on which each record begins, from 1.
absl::StatusOr<std::vector<CsvRecord>> ParseCsv(std::string_view text, std::vector<size_t>* lines = nullptr);

/// A field as it stands in a file: in double quotes, quotes doubled, when it holds a comma, a quote or a line
/// end, or begins or ends with a blank; else unchanged.
std::string CsvField(std::string_view text);

/// Fields joined by commas, ended by "\n" (RFC 4180 says CR LF; every reader takes LF, and Unix tools want
/// it). A record of one empty field is written "" in quotes, or it would be an empty line.
std::string CsvRow(const CsvRecord& fields);

}  // namespace qalam
