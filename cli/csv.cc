#include "cli/csv.h"

namespace qalam::cli {

std::string CsvField(std::string_view text) {
  const bool blank_at_end = !text.empty() && (text.front() == ' ' || text.back() == ' ');
  if (!blank_at_end && text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string CsvRow(const std::vector<std::string>& fields) {
  if (fields.size() == 1 && fields[0].empty()) return "\"\"\n";
  std::string row;
  for (size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) row += ',';
    row += CsvField(fields[i]);
  }
  return row + '\n';
}

}  // namespace qalam::cli
