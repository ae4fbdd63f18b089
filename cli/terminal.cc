#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "base/number_text.h"

namespace qalam::cli {
namespace {

int PositiveNumber(const std::optional<std::string>& text) {
  const std::optional<long long> number = text ? ParseInt(*text) : std::nullopt;
  return number && *number > 0 && *number < 100'000 ? static_cast<int>(*number) : 0;
}

int FirstPositive(int a, int b, int c) { return a > 0 ? a : b > 0 ? b : c; }

bool NamesUtf8(std::string locale) {
  std::transform(locale.begin(), locale.end(), locale.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return locale.find("utf-8") != std::string::npos || locale.find("utf8") != std::string::npos;
}

}  // namespace

std::optional<ColorMode> ParseColorMode(std::string_view text) {
  if (text == "auto") return ColorMode::kAuto;
  if (text == "always") return ColorMode::kAlways;
  if (text == "never") return ColorMode::kNever;
  return std::nullopt;
}

TerminalEnvironment SystemTerminal(int fd, ColorMode color) {
  TerminalEnvironment environment;
  environment.is_terminal = isatty(fd) == 1;
  environment.color = color;
  environment.variable = [](const char* name) -> std::optional<std::string> {
    const char* value = std::getenv(name);
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
  winsize size{};
  if (environment.is_terminal && ioctl(fd, TIOCGWINSZ, &size) == 0) {
    environment.columns = size.ws_col;
    environment.rows = size.ws_row;
  }
  return environment;
}

Terminal DescribeTerminal(const TerminalEnvironment& environment) {
  const auto variable = [&](const char* name) {
    return environment.variable ? environment.variable(name) : std::nullopt;
  };
  const std::string term = variable("TERM").value_or("");
  const bool dumb = term.empty() || term == "dumb";

  Terminal terminal;
  terminal.interactive = environment.is_terminal && !dumb;
  if (environment.is_terminal) {
    terminal.width = FirstPositive(PositiveNumber(variable("COLUMNS")), environment.columns, 80);
    terminal.height = FirstPositive(PositiveNumber(variable("LINES")), environment.rows, 24);
  }
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    if (const std::string locale = variable(name).value_or(""); !locale.empty()) {
      terminal.utf8 = NamesUtf8(locale);
      break;
    }
  }
  switch (environment.color) {
    case ColorMode::kAlways:
      terminal.color = true;
      break;
    case ColorMode::kNever:
      terminal.color = false;
      break;
    case ColorMode::kAuto:
      terminal.color = terminal.interactive && variable("NO_COLOR").value_or("").empty();
      break;
  }
  return terminal;
}

}  // namespace qalam::cli
