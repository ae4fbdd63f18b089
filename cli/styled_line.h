// One line for a terminal, made of pieces in different colours.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace qalam::cli {

enum class Style { kPlain, kBold, kDim, kGood, kBad, kAccent };

class StyledLine {
 public:
  /// Text that may come from anywhere: Render makes it printable.
  StyledLine& Add(std::string_view text, Style style = Style::kPlain);
  /// Blanks up to `column`; nothing when the line is longer already.
  StyledLine& PadTo(int column);

  /// Columns so far.
  int width() const;

  /// At most `width` columns (no limit when <= 0); what is cut off ends in an ellipsis. Colours never leak
  /// into the next line.
  std::string Render(int width, bool utf8, bool color) const;

 private:
  struct Piece {
    std::string text;
    Style style;
  };
  std::vector<Piece> pieces_;
};

}  // namespace qalam::cli
