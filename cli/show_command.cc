#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "algorithms/trial_labels.h"
#include "base/number_text.h"
#include "cli/broken_bounds.h"
#include "cli/command_line_text.h"
#include "cli/exit_code.h"
#include "cli/first_trials_text.h"
#include "cli/lineage.h"
#include "cli/lookup.h"
#include "cli/pareto_front.h"
#include "cli/read_commands.h"
#include "cli/resource_facts.h"
#include "cli/savings_text.h"
#include "cli/styled_line.h"
#include "cli/text_width.h"
#include "cli/time_text.h"

namespace qalam::cli {
namespace {

constexpr int kLabelWidth = 12;

class Page {
 public:
  explicit Page(Streams& streams) : streams_(streams) {}

  void Field(std::string_view label, std::string_view text, Style style = Style::kPlain) {
    const Terminal& terminal = streams_.out_terminal;
    StyledLine line;
    line.Add(label, Style::kDim).PadTo(kLabelWidth).Add(text, style);
    streams_.out << line.Render(0, terminal.utf8, terminal.color) << '\n';
  }

  void Conditions(const api::Conditions& conditions) {
    if (conditions.empty()) return;
    Table table({{.title = "condition"},
                 {.title = "status"},
                 {.title = "since", .right_aligned = true},
                 {.title = "reason"},
                 {.title = "message", .min_width = 20}});
    for (const api::Condition& condition : conditions) {
      const bool timed = condition.last_transition_time > absl::InfinitePast();
      table.AddRow({condition.type, condition.status,
                    timed ? RoughDurationText(streams_.now - condition.last_transition_time) : "",
                    condition.reason, condition.message});
    }
    streams_.out << '\n';
    table.Print(streams_.out, streams_.out_terminal, /*wide=*/false);
  }

  std::string TimeText(absl::Time time) const {
    return fmt::format("{} ({} ago)", DateTimeText(time, streams_.zone),
                       RoughDurationText(streams_.now - time));
  }

 private:
  Streams& streams_;
};

Style StyleOf(std::string_view state) {
  return state == "Succeeded"                                 ? Style::kGood
         : state == "Failed" || state == "MetricsUnavailable" ? Style::kBad
                                                              : Style::kPlain;
}

void ShowExperiment(const api::Experiment& experiment, const std::vector<TrialPtr>& trials,
                    const api::Suggestion* suggestion, const std::optional<ParetoFront>& front,
                    const std::optional<StoppingSavings>& savings, const OutputOptions& output,
                    Streams& streams) {
  Page page(streams);
  const api::ExperimentSpec& spec = experiment.spec;
  const api::ExperimentStatus& status = experiment.status;
  const std::string state = ExperimentStatusName(experiment);
  page.Field("Experiment", experiment.metadata.name, Style::kBold);
  page.Field("Status", fmt::format("{}: {}", state, StatusInWords(experiment)), StyleOf(state));
  if (spec.objective) {
    std::string text =
        fmt::format("{} {}", spec.objective->type == api::ObjectiveType::kMinimize ? "minimize" : "maximize",
                    spec.objective->objective_metric_name);
    if (spec.objective->goal) text += ", goal " + NumberText(*spec.objective->goal);
    for (size_t i = 1; front && i < front->objectives.size(); ++i) {
      const MetricDirection& further = front->objectives[i];
      text += fmt::format("; {} {}", further.maximize ? "maximize" : "minimize", further.metric);
    }
    page.Field("Objective", text);
  }
  if (spec.algorithm) {
    const std::string settings = AssignmentsText(spec.algorithm->algorithm_settings, /*brief=*/false);
    page.Field("Algorithm", spec.algorithm->algorithm_name + (settings.empty() ? "" : "  " + settings));
  }
  for (const auto& [label, text] : FirstTrialsTexts(experiment, trials, suggestion)) page.Field(label, text);
  std::string counts = CountsText(status);
  if (spec.max_trial_count)
    counts += fmt::format("; {} of {} done", FinishedTrials(status), *spec.max_trial_count);
  if (spec.parallel_trial_count) counts += fmt::format("; {} in parallel", *spec.parallel_trial_count);
  page.Field("Trials", counts);
  if (!status.failed.empty() || !status.metrics_unavailable.empty())
    page.Field("Why", "qalam why " + experiment.metadata.name);
  if (status.start_time) page.Field("Started", page.TimeText(*status.start_time));
  if (status.start_time && status.completion_time && IsFinished(experiment)) {
    page.Field("Took", WholeDurationText(*status.completion_time - *status.start_time));
  }
  if (const std::string best = BestText(experiment, /*brief=*/false); !best.empty()) {
    const std::string broken = BrokenBounds(experiment);
    page.Field(broken.empty() ? "Best" : "Nearest",
               fmt::format("{}  trial {}", best, status.current_optimal_trial.best_trial_name),
               broken.empty() ? Style::kGood : Style::kBad);
    if (!broken.empty()) page.Field("", "no trial keeps all constraints: " + broken);
    page.Field("", AssignmentsText(status.current_optimal_trial.parameter_assignments, /*brief=*/false));
  }
  if (front) page.Field("Front", FrontText(*front), Style::kGood);
  if (savings) {
    page.Field("Saved", SavedText(*savings));
    std::string_view label = "Risk";
    for (const std::string& text : RiskTexts(*savings)) page.Field(std::exchange(label, ""), text);
  }
  page.Conditions(status.conditions);
  if (const std::vector<Stage> stages = StagesOf(experiment, trials); !stages.empty()) {
    streams.out << '\n';
    StagesTable(experiment, stages).Print(streams.out, streams.out_terminal, /*wide=*/false);
  }
  if (trials.empty()) return;
  if (front && !front->trials.empty()) {
    streams.out << "\nThe front:\n";
    PrintTrials(experiment, front->trials, output, streams);
    streams.out << "\nAll trials:";
  }
  streams.out << '\n';
  PrintTrials(experiment, trials, output, streams);
}

// The trial itself last, as it was made last.
void ShowLineage(const api::Experiment& experiment, const std::vector<Ancestor>& ancestors,
                 Streams& streams) {
  if (ancestors.size() < 2) return;
  Table table({{.title = "goes on from"},
               {.title = "status"},
               {.title = experiment.spec.objective ? experiment.spec.objective->objective_metric_name : "",
                .right_aligned = true,
                .keep_title = true},
               {.title = "parameters", .min_width = 20}});
  for (auto ancestor = ancestors.rbegin(); ancestor != ancestors.rend(); ++ancestor) {
    if (ancestor->trial == nullptr) {
      table.AddRow({ancestor->name, "not there", "", ""});
      continue;
    }
    const api::Trial& trial = *ancestor->trial;
    std::optional<double> value;
    if (experiment.spec.objective && trial.status.observation)
      value = ObjectiveValue(*experiment.spec.objective, *trial.status.observation);
    table.AddRow({ancestor->name, std::string(StateName(StateOf(trial))),
                  value ? fmt::format("{:.6g}", *value) : "",
                  AssignmentsText(trial.spec.parameter_assignments, /*brief=*/true)});
  }
  streams.out << '\n';
  table.Print(streams.out, streams.out_terminal, /*wide=*/false);
}

void ShowTrial(const api::Experiment& experiment, const api::Trial& trial,
               const std::vector<Ancestor>& ancestors, const ReadStore& store, Streams& streams) {
  Page page(streams);
  const std::string_view state = StateName(StateOf(trial));
  const std::string message = TrialMessage(trial);
  page.Field("Trial", trial.metadata.name, Style::kBold);
  page.Field("Experiment", experiment.metadata.name);
  page.Field("Status", fmt::format("{}{}{}", state, message.empty() ? "" : ": ", message), StyleOf(state));
  if (trial.status.start_time) page.Field("Started", page.TimeText(*trial.status.start_time));
  if (const std::optional<absl::Duration> duration = TrialDuration(trial, streams.now)) {
    page.Field("Took", WholeDurationText(*duration) + (IsFinished(StateOf(trial)) ? "" : " so far"));
  }
  if (const std::string attempts = AttemptsText(trial); !attempts.empty()) page.Field("Attempts", attempts);
  if (state == "Failed" || state == "MetricsUnavailable")
    page.Field("Why", fmt::format("qalam why {}/{}", experiment.metadata.name, trial.metadata.name));
  if (const absl::StatusOr<TrialFiles> files = store.Files(trial); files.ok()) {
    page.Field("Log", files->log_file);
    page.Field("Directory", files->directory);
    const std::string checkpoint = files->directory + "/checkpoint";
    if (std::error_code error; std::filesystem::is_directory(checkpoint, error))
      page.Field("Checkpoint", checkpoint);
  } else {
    page.Field("Log", "none here: " + std::string(files.status().message()));
  }
  const absl::StatusOr<ProgramCall> call =
      FindProgramCall(trial.spec.run_spec, trial.spec.primary_container_name);
  if (call.ok()) streams.out << PadToWidth("Command", kLabelWidth) << CommandLine(*call) << '\n';

  if (!trial.spec.parameter_assignments.empty()) {
    Table parameters({{.title = "parameter"}, {.title = "value"}});
    for (const api::ParameterAssignment& assignment : trial.spec.parameter_assignments) {
      parameters.AddRow({assignment.name, assignment.value});
    }
    streams.out << '\n';
    parameters.Print(streams.out, streams.out_terminal, /*wide=*/false);
  }
  if (trial.status.observation && !trial.status.observation->metrics.empty()) {
    Table metrics({{.title = "metric"},
                   {.title = "min", .right_aligned = true},
                   {.title = "max", .right_aligned = true},
                   {.title = "latest", .right_aligned = true}});
    for (const api::MetricValue& metric : trial.status.observation->metrics) {
      metrics.AddRow({metric.name, metric.min, metric.max, metric.latest});
    }
    streams.out << '\n';
    metrics.Print(streams.out, streams.out_terminal, /*wide=*/false);
  }
  ShowLineage(experiment, ancestors, streams);
  page.Conditions(trial.status.conditions);
}

bool IsForPeople(OutputFormat format) {
  return format == OutputFormat::kTable || format == OutputFormat::kWide;
}

bool IsResourceForm(OutputFormat format) {
  return format == OutputFormat::kJson || format == OutputFormat::kYaml;
}

}  // namespace

int RunShow(const ShowOptions& options, const ReadStore& store, Streams& streams) {
  const auto [name, trial_name] = ReadTarget(options.name, options.trial);
  const absl::StatusOr<ExperimentPtr> experiment = store.Experiment(options.namespace_name, name);
  if (!experiment.ok()) return ReportError(experiment.status(), streams);
  const OutputFormat format = options.output.format;

  if (!trial_name.empty()) {
    const absl::StatusOr<TrialPtr> trial = FindTrial(store, **experiment, trial_name);
    if (!trial.ok()) return ReportError(trial.status(), streams);
    std::vector<Ancestor> ancestors;
    if (!algorithms::ParentIn((*trial)->metadata.labels).empty()) {
      const absl::StatusOr<std::vector<TrialPtr>> all = store.Trials(**experiment);
      if (!all.ok()) return ReportError(all.status(), streams);
      ancestors = AncestorsOf(*trial, *all);
    }
    if (IsForPeople(format))
      ShowTrial(**experiment, **trial, ancestors, store, streams);
    else if (IsResourceForm(format))
      PrintResource(streams.out, WithLineage(**trial, ancestors), format);
    else
      PrintTrials(**experiment, {*trial}, options.output, streams);
    return ToInt(ExitCode::kOk);
  }
  const absl::StatusOr<std::vector<TrialPtr>> trials = store.Trials(**experiment);
  if (!trials.ok()) return ReportError(trials.status(), streams);
  if (!IsForPeople(format) && !IsResourceForm(format)) {
    PrintTrials(**experiment, *trials, options.output, streams);
    return ToInt(ExitCode::kOk);
  }
  const auto savings = EstimateSavings(
      **experiment, *trials,
      [&](const api::Trial& trial, const auto& point) { return store.Curve(trial, point); }, streams.now);
  if (!savings.ok()) return ReportError(savings.status(), streams);
  const auto suggestion = store.Suggestion(**experiment);
  const std::optional<ParetoFront> front = FindFront(**experiment, *trials);
  if (IsForPeople(format))
    ShowExperiment(**experiment, *trials, suggestion.ok() ? suggestion->get() : nullptr, front, *savings,
                   options.output, streams);
  else
    PrintResource(
        streams.out,
        WithStages(WithFront(WithSavings(**experiment, *savings), front), StagesOf(**experiment, *trials)),
        format);
  return ToInt(ExitCode::kOk);
}

}  // namespace qalam::cli
