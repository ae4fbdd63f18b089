#include "cli/styled_line.h"

#include <algorithm>

#include "cli/text_width.h"

namespace qalam::cli {
namespace {

std::string_view CodeOf(Style style) {
  switch (style) {
    case Style::kPlain:
      return "";
    case Style::kBold:
      return "\033[1m";
    case Style::kDim:
      return "\033[2m";
    case Style::kGood:
      return "\033[32m";
    case Style::kBad:
      return "\033[31m";
    case Style::kAccent:
      return "\033[36m";
  }
  return "";
}

}  // namespace

StyledLine& StyledLine::Add(std::string_view text, Style style) {
  if (!text.empty()) pieces_.push_back({std::string(text), style});
  return *this;
}

StyledLine& StyledLine::PadTo(int column) { return Add(std::string(std::max(0, column - width()), ' ')); }

int StyledLine::width() const {
  int width = 0;
  for (const Piece& piece : pieces_) width += DisplayWidth(Printable(piece.text, true));
  return width;
}

std::string StyledLine::Render(int width, bool utf8, bool color) const {
  std::vector<Piece> shown;
  int total = 0;
  for (const Piece& piece : pieces_) {
    shown.push_back({Printable(piece.text, utf8), piece.style});
    total += DisplayWidth(shown.back().text);
  }
  const bool cut = width > 0 && total > width;
  int left = cut ? width - 1 : total;
  std::string line;
  for (const Piece& piece : shown) {
    const std::string_view text = TakeColumns(piece.text, left);
    const std::string_view code = color ? CodeOf(piece.style) : "";
    if (!text.empty()) line.append(code).append(text).append(code.empty() ? "" : "\033[0m");
    left -= DisplayWidth(text);
    if (text.size() < piece.text.size()) break;
  }
  if (cut) line += utf8 ? "…" : "~";
  return line;
}

}  // namespace qalam::cli
