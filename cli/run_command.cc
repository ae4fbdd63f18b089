#include "cli/run_command.h"

#include <fmt/format.h>

#include <filesystem>

#include "api/defaults.h"
#include "api/manifest.h"
#include "api/validate.h"
#include "cli/check_command.h"
#include "cli/command_line_text.h"
#include "cli/extension_flags.h"
#include "cli/lookup.h"
#include "cli/run_input.h"
#include "cli/time_text.h"
#include "server/local_services.h"

namespace qalam::cli {
namespace {

std::vector<std::string> With(std::vector<std::string> names,
                              const std::map<std::string, std::string>& addresses) {
  for (const auto& [name, address] : addresses) names.push_back(name);
  return names;
}

// A word like "tune" that is no file means a stored experiment.
bool IsStoredName(const std::string& target) {
  return target != "-" && !std::filesystem::exists(target) && target.find('/') == std::string::npos &&
         target.find('.') == std::string::npos;
}

std::string ResumeCommand(const std::vector<std::string>& arguments) {
  std::string command;
  for (const std::string& argument : arguments)
    command += (command.empty() ? "" : " ") + ShellQuote(argument);
  return command;
}

}  // namespace

std::vector<std::string> KnownAlgorithms(const server::ServiceAddresses& services) {
  return With(server::LocalAlgorithms(), services.suggestion);
}

std::vector<std::string> KnownEarlyStoppers(const server::ServiceAddresses& services) {
  return With(server::LocalEarlyStoppingAlgorithms(), services.early_stopping);
}

int RunRun(RunOptions options, std::istream& input, Streams& streams) {
  const auto invalid = [&](const std::string& text) {
    return ReportError(absl::InvalidArgumentError(text), streams);
  };
  SessionOptions session{.runtime = options.runtime, .quiet = options.quiet};
  if (!options.timeout.empty()) {
    const auto timeout = ParseDurationText(options.timeout);
    if (!timeout.ok()) {
      return invalid(fmt::format("--timeout: \"{}\": {}", options.timeout, MessageOf(timeout.status())));
    }
    session.timeout = *timeout;
  }
  if (!options.output.empty()) {
    session.output = ParseOutputFormat(options.output);
    if (!session.output ||
        (*session.output != OutputFormat::kJson && *session.output != OutputFormat::kYaml)) {
      return invalid(fmt::format("-o: \"{}\" is not possible here; run prints the Experiment as json or yaml",
                                 options.output));
    }
  }
  if (!options.target.empty() && IsStoredName(options.target) && options.quick.command.empty()) {
    if (options.dry_run)
      return invalid("--dry-run: there is nothing to print for a stored experiment; see \"qalam show\"");
    if (!options.quick.tries.empty() || !options.quick.warm_start.empty())
      return invalid("--try and --warm-start belong to a file or a command; see \"qalam enqueue\"");
    session.runtime.only = api::ObjectKey{options.quick.namespace_name, options.target};
    session.resume_command = ResumeCommand(options.arguments);
    return ToInt(RunSession(session, nullptr, {}, streams));
  }

  absl::StatusOr<RunInput> read =
      options.target.empty() ? FromQuickForm(options.quick) : FromFile(options.target, options.quick, input);
  if (!read.ok()) return ReportError(read.status(), streams);
  api::Experiment& experiment = *read->experiment;
  AddExtensions(options.quick.tries, options.quick.warm_start, experiment);
  api::SetDefaults(experiment);
  api::ValidationContext context{.algorithms = KnownAlgorithms(options.runtime.services),
                                 .early_stopping_algorithms = KnownEarlyStoppers(options.runtime.services)};
  context.config_map = [&](const api::ConfigMapSource& source) { return read->FindConfigMap(source); };
  api::FieldErrors errors = std::move(read->errors);
  if (errors.empty()) {
    errors = api::Validate(experiment, context);
    read->Locate(errors);
  }
  if (!errors.empty()) {
    for (const api::FieldError& error : errors) streams.err << "qalam: " << error.Text() << "\n";
    return ToInt(ExitCode::kInvalidInput);
  }
  if (options.dry_run) {
    PrintResource(streams.out, experiment, session.output.value_or(OutputFormat::kYaml));
    return ToInt(ExitCode::kOk);
  }
  session.runtime.only = experiment.key();
  session.resume_command = options.target == "-" ? fmt::format("qalam run {}", experiment.metadata.name)
                                                 : ResumeCommand(options.arguments);
  return ToInt(RunSession(session, &experiment, read->config_maps, streams));
}

}  // namespace qalam::cli
