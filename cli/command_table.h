// The program's commands and flags, for what must know them all: completions and the tests of the man page.
#pragma once

#include <span>
#include <string_view>

namespace qalam::cli {

enum class Argument { kNone, kFiles, kDirectory, kExperiment, kExperimentTrial, kShell };

struct FlagInfo {
  std::string_view name;   // "--parallel"
  char short_name = '\0';  // 'p' for -p; '\0': none
  bool takes_value = false;
  std::string_view choices;  // values to offer, separated by blanks; empty: none
  std::string_view help;
};

struct CommandInfo {
  std::string_view name;
  Argument argument = Argument::kNone;
  std::span<const FlagInfo> flags;  // besides the global ones
  std::string_view help;
};

std::span<const CommandInfo> AllCommands();
std::span<const FlagInfo> GlobalFlags();

}  // namespace qalam::cli
