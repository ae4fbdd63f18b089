#include "base/csv.h"

#include <fmt/format.h>

namespace qalam {

absl::StatusOr<std::vector<CsvRecord>> ParseCsv(std::string_view text, std::vector<size_t>* lines) {
  std::vector<CsvRecord> records;
  CsvRecord record;
  std::string field;
  bool quoted = false, was_quoted = false;
  size_t line = 1, record_line = 1, quote_line = 0;
  if (lines != nullptr) lines->clear();
  const auto end_record = [&] {
    const bool empty_line = record.empty() && field.empty() && !was_quoted;
    if (!empty_line) {
      record.push_back(std::move(field));
      records.push_back(std::move(record));
      if (lines != nullptr) lines->push_back(record_line);
    }
    record_line = line;
    record.clear();
    field.clear();
    was_quoted = false;
  };
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') ++line;
    if (quoted) {
      if (c != '"') {
        field += c;
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        field += text[++i];
      } else {
        quoted = false;
      }
    } else if (c == '"' && field.empty()) {
      quoted = was_quoted = true;
      quote_line = line;
    } else if (c == ',') {
      record.push_back(std::move(field));
      field.clear();
      was_quoted = false;
    } else if (c == '\n') {
      end_record();
    } else if (c != '\r' || i + 1 == text.size() || text[i + 1] != '\n') {
      field += c;
    }
  }
  if (quoted) return absl::InvalidArgumentError(fmt::format("line {}: a quote is not closed", quote_line));
  end_record();
  return records;
}

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

std::string CsvRow(const CsvRecord& fields) {
  if (fields.size() == 1 && fields[0].empty()) return "\"\"\n";
  std::string row;
  for (size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) row += ',';
    row += CsvField(fields[i]);
  }
  return row + '\n';
}

}  // namespace qalam
