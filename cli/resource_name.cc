#include "cli/resource_name.h"

#include <algorithm>
#include <iterator>

namespace qalam::cli {
namespace {

// "python3.11" is python, too.
bool IsInterpreter(std::string_view name) {
  name = name.substr(0, name.find_last_not_of("0123456789.") + 1);
  constexpr std::string_view kInterpreters[] = {"python", "pypy",  "bash",    "sh",   "Rscript",
                                                "node",   "julia", "perl",    "ruby", "java",
                                                "env",    "uv",    "torchrun"};
  return std::find(std::begin(kInterpreters), std::end(kInterpreters), name) != std::end(kInterpreters);
}

std::string_view FileName(std::string_view path) {
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  return path.substr(path.rfind('/') + 1);
}

std::string_view WithoutExtension(std::string_view file) {
  const size_t dot = file.rfind('.');
  return dot == std::string_view::npos || dot == 0 ? file : file.substr(0, dot);
}

}  // namespace

std::string ToResourceName(std::string_view text) {
  std::string name;
  for (const char c : text) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
      name += c;
    } else if (c >= 'A' && c <= 'Z') {
      name += static_cast<char>(c - 'A' + 'a');
    } else if (!name.empty() && (c == '-' || name.back() != '-')) {
      name += '-';
    }
  }
  if (!name.empty() && name.front() >= '0' && name.front() <= '9') name.insert(0, "x");
  if (name.size() > kLongestName) name.resize(kLongestName);
  name.erase(name.find_last_not_of('-') + 1);
  return name.empty() ? "experiment" : name;
}

std::string DeriveName(const std::vector<std::string>& command) {
  if (command.empty()) return ToResourceName("");
  std::string_view program = FileName(command.front());
  for (size_t i = 1; i < command.size() && IsInterpreter(program); ++i) {
    const std::string_view argument = command[i];
    if (argument == "-c") break;  // what follows is the program's text
    if (argument == "-m" && i + 1 < command.size()) return ToResourceName(command[i + 1]);
    const bool is_option =
        argument.empty() || argument.front() == '-' || (program == "uv" && argument == "run");
    const bool is_variable = argument.find_first_of("={") != std::string_view::npos;
    if (!is_option && !is_variable) program = FileName(argument);
  }
  return ToResourceName(WithoutExtension(program));
}

}  // namespace qalam::cli
