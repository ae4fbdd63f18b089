#include "cli/bench_command.h"

#include <fmt/format.h>

#include "base/number_text.h"
#include "bench/program_problem.h"
#include "cli/exit_code.h"
#include "cli/lookup.h"
#include "cli/parameter_text.h"
#include "cli/run_input.h"
#include "server/remote_algorithm.h"

namespace qalam::cli {
namespace {

absl::Status Within(std::string_view flag, const absl::Status& status) {
  return status.ok() ? status : absl::Status(status.code(), fmt::format("{}: {}", flag, MessageOf(status)));
}

absl::Status Invalid(std::string_view flag, std::string_view message) {
  return absl::InvalidArgumentError(fmt::format("{}: {}", flag, message));
}

absl::StatusOr<bench::Optimizer> ParseService(const std::string& text) {
  const size_t split = text.rfind('=');
  if (split == std::string::npos || text.find(':', split) == std::string::npos)
    return Invalid("--service", fmt::format("\"{}\" should be like NAME=HOST:PORT", text));
  absl::StatusOr<bench::OptimizerText> parts = bench::ParseOptimizerText(text.substr(0, split));
  if (!parts.ok()) return Within("--service", parts.status());
  bench::Optimizer optimizer;
  optimizer.name = std::move(parts->label);
  optimizer.settings = std::move(parts->settings);
  optimizer.is_remote = true;
  optimizer.takes_resource = bench::TakesResource(parts->algorithm);
  optimizer.create =
      [address = text.substr(split + 1), algorithm = parts->algorithm](
          const algorithms::Problem& problem) -> absl::StatusOr<std::unique_ptr<algorithms::Algorithm>> {
    return server::RemoteAlgorithm(address, algorithm, problem);
  };
  return optimizer;
}

absl::StatusOr<bench::Problem> ParseProgram(const BenchOptions& options, std::istream& input) {
  api::Experiment experiment;
  bench::ProgramOptions program;
  program.command = options.program;
  if (!options.space.empty()) {
    if (!options.parameters.empty()) return Invalid("--param", "is not needed: --space names the parameters");
    const absl::StatusOr<RunInput> file = FromFile(options.space, {}, input);
    if (!file.ok()) return Within("--space", file.status());
    experiment = *file->experiment;
    program.maximize =
        experiment.spec.objective && experiment.spec.objective->type == api::ObjectiveType::kMaximize;
  }
  for (const std::string& text : options.parameters) {
    absl::StatusOr<api::ParameterSpec> parameter = ParseParameter(text);
    if (!parameter.ok()) return Within(fmt::format("--param {}", text), parameter.status());
    experiment.spec.parameters.push_back(*std::move(parameter));
  }
  if (experiment.spec.parameters.empty())
    return Invalid("--program", "needs its parameters, as in --param 'x=0..1', or --space experiment.yaml");
  absl::StatusOr<algorithms::SearchSpace> space = server::SearchSpaceOf(experiment);
  if (!space.ok()) return Within(options.space.empty() ? "--param" : "--space", space.status());
  program.space = *std::move(space);
  program.maximize = program.maximize || options.maximize;
  if (!options.best.empty()) {
    program.best = ParseDouble(options.best);
    if (!program.best) return Invalid("--best", fmt::format("\"{}\" should be a number", options.best));
  }
  absl::StatusOr<bench::Problem> problem = bench::ProgramProblem(std::move(program));
  if (!problem.ok()) return Within("--program", problem.status());
  return problem;
}

absl::Status Run(const BenchOptions& options, std::istream& input, Streams& streams, int& failed_runs) {
  bench::CommandOptions command = options.command;
  for (const std::string& text : options.services) {
    QALAM_ASSIGN_OR_RETURN(bench::Optimizer service, ParseService(text));
    command.services.push_back(std::move(service));
  }
  if (!options.program.empty()) {
    QALAM_ASSIGN_OR_RETURN(bench::Problem problem, ParseProgram(options, input));
    command.user_problems.push_back(std::move(problem));
  } else if (!options.parameters.empty() || !options.space.empty()) {
    return Invalid(options.space.empty() ? "--param" : "--space",
                   "needs --program, whose parameters they are");
  }
  command.progress_in_place = streams.err_terminal.interactive;
  return bench::RunBench(command, streams.out, streams.err, failed_runs);
}

}  // namespace

int RunBench(const BenchOptions& options, std::istream& input, Streams& streams) {
  int failed_runs = 0;
  const absl::Status status = Run(options, input, streams, failed_runs);
  if (!status.ok()) return ReportError(status, streams);
  return ToInt(failed_runs > 0 ? ExitCode::kFailed : ExitCode::kOk);
}

}  // namespace qalam::cli
