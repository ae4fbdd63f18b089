#include "cli/completion.h"

#include <fmt/format.h>

#include "cli/command_table.h"
#include "cli/exit_code.h"
#include "cli/lookup.h"

namespace qalam::cli {
namespace {

std::string FlagWords(std::span<const FlagInfo> flags) {
  std::string words;
  for (const FlagInfo& flag : flags) {
    words += fmt::format("{}{}", words.empty() ? "" : " ", flag.name);
    if (flag.short_name != '\0') words += fmt::format(" -{}", flag.short_name);
  }
  return words;
}

std::string CommandWords() {
  std::string words;
  for (const CommandInfo& command : AllCommands())
    words += fmt::format("{}{}", words.empty() ? "" : " ", command.name);
  return words;
}

std::string_view BashArgument(Argument argument) {
  switch (argument) {
    case Argument::kNone:
      return "";
    case Argument::kFiles:
      return "compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- \"$cur\"))";
    case Argument::kDirectory:
      return "compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- \"$cur\"))";
    case Argument::kExperiment:
      return "COMPREPLY=($(compgen -W \"$(_qalam_experiments)\" -- \"$cur\"))";
    case Argument::kExperimentTrial:
      return "_qalam_experiment_or_trial";
    case Argument::kShell:
      return "COMPREPLY=($(compgen -W 'bash zsh' -- \"$cur\"))";
  }
  return "";
}

// Values of flags, as branches of a case over "COMMAND PREVIOUS_WORD".
std::string BashValueBranches(std::string_view command, std::span<const FlagInfo> flags) {
  std::string branches;
  for (const FlagInfo& flag : flags) {
    if (!flag.takes_value) continue;
    std::string patterns = fmt::format("'{} {}'", command, flag.name);
    if (command == "*") patterns = fmt::format("*' {}'", flag.name);
    if (flag.short_name != '\0') {
      patterns += command == "*" ? fmt::format("|*' -{}'", flag.short_name)
                                 : fmt::format("|'{} -{}'", command, flag.short_name);
    }
    const bool is_directory = flag.name == "--data-dir" || flag.name == "--workdir";
    const std::string reply = !flag.choices.empty()
                                  ? fmt::format("COMPREPLY=($(compgen -W '{}' -- \"$cur\"))", flag.choices)
                              : is_directory ? std::string(BashArgument(Argument::kDirectory))
                                             : "COMPREPLY=()";
    branches += fmt::format("    {}) {}; return ;;\n", patterns, reply);
  }
  return branches;
}

std::string BashScript() {
  std::string values, commands;
  for (const CommandInfo& command : AllCommands()) {
    values += BashValueBranches(command.name, command.flags);
    const std::string_view argument = BashArgument(command.argument);
    commands += fmt::format(
        "    {}) if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W '{} {}' -- \"$cur\")); else {}; fi ;;\n",
        command.name, FlagWords(command.flags), FlagWords(GlobalFlags()), argument.empty() ? ":" : argument);
  }
  values += BashValueBranches("*", GlobalFlags());
  return fmt::format(R"sh(# bash completion for qalam. Use it:  source <(qalam completion bash)
_qalam_data_dir() {{
  local i
  for ((i = 1; i < COMP_CWORD; ++i)); do
    if [[ ${{COMP_WORDS[i]}} == --data-dir ]]; then printf '%s' "${{COMP_WORDS[i + 1]}}"; fi
  done
}}
_qalam_list() {{
  local dir
  dir=$(_qalam_data_dir)
  if [[ -n $dir ]]; then "${{COMP_WORDS[0]}}" --data-dir "$dir" "$@"; else "${{COMP_WORDS[0]}}" "$@"; fi 2>/dev/null
}}
_qalam_experiments() {{ _qalam_list ls -o name; }}
_qalam_experiment_or_trial() {{
  if [[ $cur == */* ]]; then
    local name=${{cur%%/*}}
    COMPREPLY=($(compgen -P "$name/" -W "$(_qalam_list show "$name" -o name)" -- "${{cur#*/}}"))
  else
    COMPREPLY=($(compgen -W "$(_qalam_experiments)" -- "$cur"))
  fi
}}
_qalam() {{
  local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD - 1]}} command= i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; ++i)); do
    case "${{COMP_WORDS[i]}}" in
      --) compopt -o default 2>/dev/null; return ;;
      --data-dir|--namespace|-n|--color) ((++i)) ;;
      -*) ;;
      *) if [[ -z $command ]]; then command=${{COMP_WORDS[i]}}; fi ;;
    esac
  done
  case "$command $prev" in
{}  esac
  case "$command" in
    '') COMPREPLY=($(compgen -W '{} {}' -- "$cur")) ;;
{}  esac
}}
complete -F _qalam qalam
)sh",
                     values, CommandWords(), FlagWords(GlobalFlags()), commands);
}

std::string ZshQuoted(std::string_view text) {
  std::string quoted;
  for (const char c : text) {
    if (c == '\'')
      quoted += "'\\''";
    else if (c == '[' || c == ']' || c == ':')
      quoted += fmt::format("\\{}", c);
    else
      quoted += c;
  }
  return quoted;
}

std::string ZshFlags(std::span<const FlagInfo> flags, std::string_view indent) {
  std::string lines;
  for (const FlagInfo& flag : flags) {
    std::string value;
    const bool is_directory = flag.name == "--data-dir" || flag.name == "--workdir";
    if (flag.takes_value) {
      value = !flag.choices.empty() ? fmt::format(":value:({})", flag.choices)
              : is_directory        ? ":directory:_files -/"
                                    : ":value:";
    }
    const std::string help = fmt::format("[{}]", ZshQuoted(flag.help));
    if (flag.short_name == '\0') {
      lines += fmt::format("{}'*{}{}{}' \\\n", indent, flag.name, help, value);
    } else {
      lines += fmt::format("{}'*'{{-{},{}}}'{}{}' \\\n", indent, flag.short_name, flag.name, help, value);
    }
  }
  return lines;
}

std::string_view ZshArgument(Argument argument) {
  switch (argument) {
    case Argument::kNone:
      return "";
    case Argument::kFiles:
      return "'*:file:_files'";
    case Argument::kDirectory:
      return "'1:directory:_files -/'";
    case Argument::kExperiment:
      return "'1:experiment:_qalam_experiments'";
    case Argument::kExperimentTrial:
      return "'1:experiment:_qalam_experiments' '2:trial:_qalam_trials'";
    case Argument::kShell:
      return "'1:shell:(bash zsh)'";
  }
  return "";
}

std::string ZshScript() {
  std::string descriptions, branches;
  for (const CommandInfo& command : AllCommands()) {
    descriptions += fmt::format("        '{}:{}'\n", command.name, ZshQuoted(command.help));
    branches += fmt::format("        {})\n          _arguments \\\n{}{}            {} ;;\n", command.name,
                            ZshFlags(command.flags, "            "), ZshFlags(GlobalFlags(), "            "),
                            ZshArgument(command.argument));
  }
  return fmt::format(R"sh(#compdef qalam
# zsh completion for qalam. Use it:  source <(qalam completion zsh)
_qalam_experiments() {{
  local -a names
  names=(${{(f)"$(qalam ${{opt_args[--data-dir]:+--data-dir ${{opt_args[--data-dir]}}}} ls -o name 2>/dev/null)"}})
  compadd -a names
}}
_qalam_trials() {{
  local -a names
  names=(${{(f)"$(qalam show "${{line[1]}}" -o name 2>/dev/null)"}})
  compadd -a names
}}
_qalam() {{
  local context state state_descr line
  typeset -A opt_args
  _arguments -C \
{}    '1:command:->command' '*::argument:->argument'
  case $state in
    command)
      local -a commands
      commands=(
{}      )
      _describe command commands ;;
    argument)
      case $line[1] in
{}      esac ;;
  esac
}}
if [[ $funcstack[1] == _qalam ]]; then _qalam "$@"; else compdef _qalam qalam; fi
)sh",
                     ZshFlags(GlobalFlags(), "    "), descriptions, branches);
}

}  // namespace

absl::StatusOr<std::string> CompletionScript(std::string_view shell) {
  if (shell == "bash") return BashScript();
  if (shell == "zsh") return ZshScript();
  return absl::InvalidArgumentError(fmt::format("the shell must be bash or zsh, got \"{}\"", shell));
}

int RunCompletion(std::string_view shell, Streams& streams) {
  const absl::StatusOr<std::string> script = CompletionScript(shell);
  if (!script.ok()) return ReportError(script.status(), streams);
  streams.out << *script;
  return ToInt(ExitCode::kOk);
}

}  // namespace qalam::cli
