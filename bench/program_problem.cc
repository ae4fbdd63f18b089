#include "bench/program_problem.h"

#include <fmt/format.h>
#include <stdio.h>
#include <sys/wait.h>

#include <memory>

#include "base/number_text.h"

namespace qalam::bench {
namespace {

// For the shell; what needs no quotes stays without, so that it may stand in an arithmetic expression.
std::string Quoted(std::string_view text) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-._,:/@%";
  if (!text.empty() && text.find_first_not_of(kPlain) == std::string_view::npos) return std::string(text);
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

absl::StatusOr<std::string> OutputOf(const std::string& command) {
  constexpr size_t kMaxOutput = 1 << 20;
  FILE* pipe = popen(command.c_str(), "re");
  if (pipe == nullptr) return absl::ResourceExhaustedError("the program cannot be started");
  std::string output, buffer(4096, '\0');
  for (size_t count; (count = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
    output.append(buffer, 0, count);
    if (output.size() > 2 * kMaxOutput) output.erase(0, output.size() - kMaxOutput);  // the end counts
  }
  const int status = pclose(pipe);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return output;
  return absl::InternalError(WIFEXITED(status)
                                 ? fmt::format("the program ended with code {}", WEXITSTATUS(status))
                                 : fmt::format("the program was ended by signal {}", WTERMSIG(status)));
}

absl::StatusOr<double> LastNumber(std::string_view output) {
  constexpr std::string_view kBlank = " \t\r\n";
  const size_t end = output.find_last_not_of(kBlank);
  if (end == std::string_view::npos) return absl::InternalError("the program printed nothing");
  output = output.substr(0, end + 1);
  const size_t blank = output.find_last_of(kBlank);
  const std::string_view word = output.substr(blank == std::string_view::npos ? 0 : blank + 1);
  const size_t equals = word.rfind('=');
  const std::optional<double> number =
      ParseDouble(equals == std::string_view::npos ? word : word.substr(equals + 1));
  if (!number)
    return absl::InternalError(fmt::format("the program printed \"{}\" instead of a number", word));
  return *number;
}

}  // namespace

std::string CommandFor(const ProgramOptions& options, const algorithms::Point& point) {
  std::string command;
  for (size_t i = 0; i < options.command.size();) {
    const std::string_view rest = std::string_view(options.command).substr(i);
    size_t used = 0;
    for (size_t j = 0; j < options.space.size() && used == 0; ++j) {
      const algorithms::Parameter& parameter = options.space.parameters()[j];
      const std::string placeholder = "{" + parameter.name() + "}";
      if (rest.starts_with("{" + placeholder + "}")) {
        command += placeholder;
        used = placeholder.size() + 2;
      } else if (rest.starts_with(placeholder)) {
        command += Quoted(parameter.Text(point[j]));
        used = placeholder.size();
      }
    }
    if (used == 0) command += rest[0];
    i += std::max<size_t>(used, 1);
  }
  return command;
}

absl::StatusOr<Problem> ProgramProblem(ProgramOptions options) {
  if (options.command.find_first_not_of(" \t\n") == std::string::npos)
    return absl::InvalidArgumentError("the command is empty");
  if (options.space.size() == 0) return absl::InvalidArgumentError("the program needs a parameter at least");
  Problem problem;
  problem.name = options.name;
  problem.group = "program";
  problem.space = options.space;
  problem.is_costly = true;
  const double sign = options.maximize ? -1 : 1;
  if (options.best) problem.best = sign * *options.best;
  problem.evaluate = [options = std::make_shared<const ProgramOptions>(std::move(options)),
                      sign](const algorithms::Point& point) -> absl::StatusOr<double> {
    QALAM_ASSIGN_OR_RETURN(const std::string output, OutputOf(CommandFor(*options, point)));
    QALAM_ASSIGN_OR_RETURN(const double value, LastNumber(output));
    return sign * value;
  };
  return problem;
}

}  // namespace qalam::bench
