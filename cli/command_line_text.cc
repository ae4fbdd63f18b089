#include "cli/command_line_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <nlohmann/json.hpp>

namespace qalam::cli {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kPlaceholder = "${trialParameters.";

std::string TextOf(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

const Json* Member(const Json& object, const char* name) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  return object.is_object() && found != object.end() ? &*found : nullptr;
}

// Depth first; a workload keeps its pod template at a place of its own (replica specs, workflow templates,
// ...).
const Json* FindContainer(const Json& value, std::string_view name) {
  if (const Json* containers = Member(value, "containers"); containers != nullptr && containers->is_array()) {
    for (const Json& container : *containers) {
      const Json* own_name = Member(container, "name");
      if (own_name != nullptr && own_name->is_string() && own_name->get_ref<const std::string&>() == name) {
        return &container;
      }
    }
  }
  if (!value.is_structured()) return nullptr;
  for (const Json& child : value) {
    if (const Json* found = FindContainer(child, name)) return found;
  }
  return nullptr;
}

void AppendWords(const Json* words, std::vector<std::string>& argv) {
  if (words == nullptr || !words->is_array()) return;
  for (const Json& word : *words) argv.push_back(TextOf(word));
}

// A Process has an object of texts, a container a list of {name, value}.
void AppendEnvironment(const Json* environment, std::vector<api::NameValue>& variables) {
  if (environment == nullptr) return;
  if (environment->is_object()) {
    for (const auto& [name, value] : environment->items()) variables.push_back({name, TextOf(value)});
  } else if (environment->is_array()) {
    for (const Json& entry : *environment) {
      const Json* name = Member(entry, "name");
      const Json* value = Member(entry, "value");
      if (name != nullptr && value != nullptr) variables.push_back({TextOf(*name), TextOf(*value)});
    }
  }
}

bool IsVariableCharacter(unsigned char c, bool first) {
  return c == '_' || std::isalpha(c) != 0 || (!first && std::isdigit(c) != 0);
}

bool IsVariableName(std::string_view name) {
  if (name.empty()) return false;
  for (size_t i = 0; i < name.size(); ++i) {
    if (!IsVariableCharacter(static_cast<unsigned char>(name[i]), i == 0)) return false;
  }
  return true;
}

std::string ReplaceAll(std::string text, const std::string& from, const std::string& to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

bool IsBareOption(std::string_view argument) {
  return argument.size() > 1 && argument.front() == '-' && argument.find('=') == std::string_view::npos &&
         argument.find(kPlaceholder) == std::string_view::npos;
}

}  // namespace

std::string ShellQuote(std::string_view word) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%";
  // A leading '=' is expanded by zsh, and NAME=VALUE in front would be an assignment: quote those, too.
  const bool assignment_like =
      word.find('=') != std::string_view::npos && IsVariableName(word.substr(0, word.find('=')));
  const bool plain = !word.empty() && word.front() != '=' && !assignment_like &&
                     word.find_first_not_of(kPlain) == std::string_view::npos;
  if (plain) return std::string(word);
  std::string quoted = "'";
  for (const char c : word) {
    if (c == '\'')
      quoted += "'\\''";
    else
      quoted += c;
  }
  return quoted + '\'';
}

absl::StatusOr<ProgramCall> FindProgramCall(const api::JsonText& run_spec,
                                            std::string_view primary_container) {
  const Json document = Json::parse(run_spec.text, nullptr, /*allow_exceptions=*/false);
  if (!document.is_object()) return absl::InvalidArgumentError("the run specification must be a JSON object");
  const Json* kind = Member(document, "kind");
  const bool is_process = kind != nullptr && *kind == "Process";
  const Json* program = is_process ? Member(document, "spec") : FindContainer(document, primary_container);
  if (program == nullptr || !program->is_object()) {
    return absl::NotFoundError(
        fmt::format("the run specification has no container \"{}\"", primary_container));
  }
  ProgramCall call;
  AppendWords(Member(*program, "command"), call.argv);
  if (call.argv.empty()) {
    return absl::NotFoundError("the run specification names no command; the image decides what runs");
  }
  AppendWords(Member(*program, "args"), call.argv);
  AppendEnvironment(Member(*program, "env"), call.environment);
  if (const Json* directory = Member(*program, "workingDir");
      directory != nullptr && directory->is_string()) {
    call.working_directory = directory->get<std::string>();
  }
  return call;
}

std::string CommandLine(const ProgramCall& call) {
  const bool plain_names =
      std::all_of(call.environment.begin(), call.environment.end(),
                  [](const api::NameValue& variable) { return IsVariableName(variable.name); });
  std::string line = plain_names ? "" : "env ";
  for (const api::NameValue& variable : call.environment) {
    line += plain_names ? variable.name + '=' + (variable.value.empty() ? "" : ShellQuote(variable.value))
                        : ShellQuote(variable.name + '=' + variable.value);
    line += ' ';
  }
  for (size_t i = 0; i < call.argv.size(); ++i) {
    if (i > 0) line += ' ';
    line += ShellQuote(call.argv[i]);
  }
  return call.working_directory.empty()
             ? line
             : fmt::format("(cd {} && {})", ShellQuote(call.working_directory), line);
}

std::string BestArguments(const api::TrialTemplate& trial_template,
                          const std::vector<api::ParameterAssignment>& assignments) {
  std::map<std::string, std::string> value_of;
  for (const api::ParameterAssignment& assignment : assignments) value_of[assignment.name] = assignment.value;

  std::vector<std::string> words;
  const absl::StatusOr<ProgramCall> call =
      FindProgramCall(trial_template.trial_spec, trial_template.primary_container_name);
  for (size_t i = 0; call.ok() && i < call->argv.size(); ++i) {
    std::string word = call->argv[i];
    if (word.find(kPlaceholder) == std::string::npos) continue;
    for (const api::TrialParameterSpec& parameter : trial_template.trial_parameters) {
      const auto value = value_of.find(parameter.reference);
      if (value == value_of.end()) continue;
      word = ReplaceAll(std::move(word), fmt::format("{}{}}}", kPlaceholder, parameter.name), value->second);
    }
    const bool is_option = !call->argv[i].empty() && call->argv[i].front() == '-';
    if (i > 0 && !is_option && IsBareOption(call->argv[i - 1])) words.push_back(call->argv[i - 1]);
    words.push_back(std::move(word));
  }
  if (words.empty()) {
    for (const api::ParameterAssignment& assignment : assignments) {
      words.push_back(fmt::format("--{}={}", assignment.name, assignment.value));
    }
  }
  std::string line;
  for (const std::string& word : words) line += (line.empty() ? "" : " ") + ShellQuote(word);
  return line;
}

std::string BestEnvironment(const std::vector<api::ParameterAssignment>& assignments) {
  std::string lines;
  for (const api::ParameterAssignment& assignment : assignments) {
    std::string name = assignment.name;
    for (char& c : name) {
      if (!IsVariableCharacter(static_cast<unsigned char>(c), false)) c = '_';
    }
    if (!IsVariableName(name)) name.insert(0, "_");
    lines += fmt::format("{}={}\n", name, ShellQuote(assignment.value));
  }
  return lines;
}

}  // namespace qalam::cli
