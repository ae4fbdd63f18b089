// What a stream leads to: a terminal or not, how wide, and what it can show.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace qalam::cli {

enum class ColorMode { kAuto, kAlways, kNever };

/// "auto", "always" or "never".
std::optional<ColorMode> ParseColorMode(std::string_view text);

/// Everything that DescribeTerminal looks at, so that tests can say what the world is like.
struct TerminalEnvironment {
  bool is_terminal = false;
  int columns = 0, rows = 0;                                        // as the kernel says; 0 when unknown
  std::function<std::optional<std::string>(const char*)> variable;  // environment variables; may be empty
  ColorMode color = ColorMode::kAuto;
};

struct Terminal {
  bool interactive = false;  // a terminal that can move the cursor: live views are possible
  int width = 0;             // columns; 0: not a terminal, lines may have any length
  int height = 0;            // lines; 0: not a terminal
  bool utf8 = false;
  bool color = false;
};

/// The file descriptor's state now; call again after SIGWINCH.
TerminalEnvironment SystemTerminal(int fd, ColorMode color = ColorMode::kAuto);

/// Width: COLUMNS, then the kernel, then 80; height likewise with LINES and 24. UTF-8: the first of LC_ALL,
/// LC_CTYPE and LANG that is set says so. Colour: --color first; then off when NO_COLOR is set and not empty
/// or TERM is dumb.
Terminal DescribeTerminal(const TerminalEnvironment& environment);

}  // namespace qalam::cli
