#include <fmt/format.h>

#include "cli/broken_bounds.h"
#include "cli/command_line_text.h"
#include "cli/exit_code.h"
#include "cli/lookup.h"
#include "cli/pareto_front.h"
#include "cli/read_commands.h"

namespace qalam::cli {
namespace {

int PrintFront(const api::Experiment& experiment, const ParetoFront& front, OutputFormat format,
               Streams& streams) {
  if (front.trials.empty()) {
    streams.err << fmt::format(
        "qalam: experiment {} has no front: no trial has reported every objective yet\n",
        experiment.metadata.name);
    return ToInt(ExitCode::kNothingSucceeded);
  }
  if (format == OutputFormat::kTable || format == OutputFormat::kWide)
    streams.out << "Front: " << FrontText(front) << "\n\n";
  PrintTrials(experiment, front.trials, {.format = format}, streams);
  return ToInt(ExitCode::kOk);
}

}  // namespace

int RunBest(const BestOptions& options, const ReadStore& store, Streams& streams) {
  const bool is_env = options.format == "env", is_args = options.format == "args";
  const std::optional<OutputFormat> format = ParseOutputFormat(options.format);
  if (!is_env && !is_args && !format) {
    return ReportError(
        absl::InvalidArgumentError(fmt::format(
            "-o must be table, wide, json, yaml, csv, name, env or args, got \"{}\"", options.format)),
        streams);
  }
  const absl::StatusOr<ExperimentPtr> experiment = store.Experiment(options.namespace_name, options.name);
  if (!experiment.ok()) return ReportError(experiment.status(), streams);
  const api::OptimalTrial& best = (*experiment)->status.current_optimal_trial;
  if (best.best_trial_name.empty()) {
    streams.err << fmt::format(
        "qalam: experiment {} has no best trial: none has reported the objective yet\n",
        (*experiment)->metadata.name);
    return ToInt(ExitCode::kNothingSucceeded);
  }

  const std::string broken = BrokenBounds(**experiment);
  if (!broken.empty()) {
    streams.err << fmt::format("qalam: no trial of {} keeps all constraints; trial {} is nearest to it: {}\n",
                               (*experiment)->metadata.name, best.best_trial_name, broken);
  }
  const ExitCode exit_code = broken.empty() ? ExitCode::kOk : ExitCode::kNothingSucceeded;

  // These need no trial, and go on working when the trial is gone.
  if (is_env) {
    streams.out << BestEnvironment(best.parameter_assignments);
    return ToInt(exit_code);
  }
  if (is_args) {
    const api::TrialTemplate trial_template =
        (*experiment)->spec.trial_template.value_or(api::TrialTemplate{});
    streams.out << BestArguments(trial_template, best.parameter_assignments) << '\n';
    return ToInt(exit_code);
  }
  if (ObjectiveNames(**experiment).size() > 1) {
    const absl::StatusOr<std::vector<TrialPtr>> trials = store.Trials(**experiment);
    if (!trials.ok()) return ReportError(trials.status(), streams);
    return PrintFront(**experiment, *FindFront(**experiment, *trials), *format, streams);
  }
  const absl::StatusOr<TrialPtr> trial = FindTrial(store, **experiment, best.best_trial_name);
  if (!trial.ok()) return ReportError(trial.status(), streams);
  if (*format == OutputFormat::kJson || *format == OutputFormat::kYaml) {
    PrintResource(streams.out, **trial, *format);
  } else {
    PrintTrials(**experiment, {*trial}, {.format = *format}, streams);
  }
  return ToInt(exit_code);
}

}  // namespace qalam::cli
