// Aligned tables for terminals, and the same rows as CSV.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "cli/terminal.h"

namespace qalam::cli {

enum class ColumnUse {
  kAlways,
  kWide,      // -o wide and -o csv
  kTextOnly,  // tables, not CSV: ages and other text made for reading
  kCsvOnly,   // CSV only: the exact value behind such a column
};

struct Column {
  std::string title;  // upper case in tables, lower case with '_' for blanks in CSV
  ColumnUse use = ColumnUse::kAlways;
  bool right_aligned = false;
  int min_width = 0;        // on a narrow terminal cells are cut down to this many columns; 0: never cut
  bool keep_title = false;  // show the title as it is (names of parameters and metrics)
};

class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  /// As many cells as there are columns.
  void AddRow(std::vector<std::string> cells);
  bool empty() const { return rows_.empty(); }

  /// Columns two blanks apart, no blanks at line ends. Cells are made printable. When the terminal is too
  /// narrow the widest columns that may be cut are cut first; nothing is ever hidden.
  void Print(std::ostream& out, const Terminal& terminal, bool wide, bool headers = true) const;

  void PrintCsv(std::ostream& out, bool headers = true) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace qalam::cli
