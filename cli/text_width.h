// How wide text is on a terminal, and text that cannot upset one.
#pragma once

#include <string>
#include <string_view>

namespace qalam::cli {

/// Whether every byte belongs to a well-formed UTF-8 sequence (no overlong forms, no surrogates).
bool IsUtf8(std::string_view text);

/// Text that may be put on a terminal line: tabs and line ends become blanks, other control characters and
/// bytes that are no UTF-8 become '?', and without `utf8` so does everything outside ASCII.
std::string Printable(std::string_view text, bool utf8);

/// Columns that printable text takes: 0 for combining marks, 2 for East Asian wide characters and emoji,
/// else 1.
int DisplayWidth(std::string_view text);

/// The longest beginning of `text` that takes at most `width` columns; with the combining marks of its last
/// character.
std::string_view TakeColumns(std::string_view text, int width);

/// At most `width` columns of printable text; where something is cut off the last column is an ellipsis ("…",
/// or "~" without `utf8`). A width <= 0 gives the empty text.
std::string CutToWidth(std::string_view text, int width, bool utf8);

/// Text filled with blanks to `width` columns, on the right, or on the left when `right_aligned`.
std::string PadToWidth(std::string_view text, int width, bool right_aligned = false);

}  // namespace qalam::cli
