#include "cli/table.h"

#include <algorithm>
#include <cctype>
#include <numeric>

#include "base/csv.h"
#include "cli/text_width.h"

namespace qalam::cli {
namespace {

constexpr int kGap = 2;

std::string TableTitle(const Column& column) {
  std::string title = column.title;
  if (!column.keep_title)
    std::transform(title.begin(), title.end(), title.begin(),
                   [](unsigned char c) { return std::toupper(c); });
  return title;
}

std::string CsvTitle(const Column& column) {
  std::string title = column.title;
  if (column.keep_title) return title;
  std::transform(title.begin(), title.end(), title.begin(),
                 [](unsigned char c) { return c == ' ' ? '_' : std::tolower(c); });
  return title;
}

std::string WithoutTrailingBlanks(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

// Takes columns from the widest cell until the line fits or nothing may be cut any more.
void Shrink(std::vector<int>& widths, const std::vector<int>& min_widths, int width) {
  int excess =
      std::accumulate(widths.begin(), widths.end(), kGap * (static_cast<int>(widths.size()) - 1)) - width;
  for (; excess > 0; --excess) {
    int widest = -1;
    for (int i = 0; i < static_cast<int>(widths.size()); ++i) {
      const bool may_shrink = min_widths[i] > 0 && widths[i] > min_widths[i];
      if (may_shrink && (widest < 0 || widths[i] > widths[widest])) widest = i;
    }
    if (widest < 0) return;
    --widths[widest];
  }
}

}  // namespace

void Table::AddRow(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  rows_.push_back(std::move(cells));
}

void Table::Print(std::ostream& out, const Terminal& terminal, bool wide, bool headers) const {
  std::vector<size_t> shown;
  for (size_t i = 0; i < columns_.size(); ++i) {
    const ColumnUse use = columns_[i].use;
    if (use == ColumnUse::kCsvOnly || (use == ColumnUse::kWide && !wide)) continue;
    shown.push_back(i);
  }
  std::vector<std::vector<std::string>> lines;
  if (headers) {
    std::vector<std::string>& titles = lines.emplace_back();
    for (const size_t i : shown) titles.push_back(Printable(TableTitle(columns_[i]), terminal.utf8));
  }
  for (const std::vector<std::string>& row : rows_) {
    std::vector<std::string>& cells = lines.emplace_back();
    for (const size_t i : shown) cells.push_back(Printable(row[i], terminal.utf8));
  }

  std::vector<int> widths(shown.size(), 0), min_widths(shown.size(), 0);
  for (size_t c = 0; c < shown.size(); ++c) {
    for (const std::vector<std::string>& line : lines) widths[c] = std::max(widths[c], DisplayWidth(line[c]));
    min_widths[c] = columns_[shown[c]].min_width;
  }
  if (terminal.width > 0) Shrink(widths, min_widths, terminal.width);

  for (const std::vector<std::string>& line : lines) {
    std::string text;
    for (size_t c = 0; c < shown.size(); ++c) {
      if (c > 0) text.append(kGap, ' ');
      const std::string cell = CutToWidth(line[c], widths[c], terminal.utf8);
      text += PadToWidth(cell, widths[c], columns_[shown[c]].right_aligned);
    }
    out << WithoutTrailingBlanks(std::move(text)) << '\n';
  }
}

void Table::PrintCsv(std::ostream& out, bool headers) const {
  const auto print = [&](const auto& cell_of) {
    std::vector<std::string> fields;
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].use != ColumnUse::kTextOnly) fields.push_back(cell_of(i));
    }
    out << CsvRow(fields);
  };
  if (headers) print([&](size_t i) { return CsvTitle(columns_[i]); });
  for (const std::vector<std::string>& row : rows_) print([&](size_t i) { return row[i]; });
}

}  // namespace qalam::cli
