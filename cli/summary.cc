#include "cli/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "cli/broken_bounds.h"
#include "cli/command_line_text.h"
#include "cli/resource_facts.h"
#include "cli/savings_text.h"
#include "cli/styled_line.h"
#include "cli/time_text.h"

namespace qalam::cli {
namespace {

constexpr int kLabelWidth = 8;

StyledLine Labelled(std::string_view label) {
  StyledLine line;
  line.Add(label, Style::kDim).PadTo(kLabelWidth);
  return line;
}

std::string EndText(const SummaryInput& input) {
  const api::Experiment& experiment = *input.experiment;
  if (IsFinished(experiment)) return StatusInWords(experiment);
  switch (input.cause) {
    case EndCause::kInterrupted:
      return "interrupted; finished trials are kept";
    case EndCause::kTerminated:
      return "terminated; finished trials are kept";
    case EndCause::kTimeout:
      return "the time given with --timeout is over; finished trials are kept";
    case EndCause::kStopped:
      return "stopped; finished trials are kept";
    case EndCause::kFinished:
      break;
  }
  return StatusInWords(experiment);
}

std::string_view Verb(const api::Experiment& experiment) {
  if (api::IsTrue(experiment.status.conditions, "Failed")) return "failed";
  return IsFinished(experiment) ? "finished" : "ended early";
}

// Commands are for pasting: unlike other text they are shown byte for byte.
std::string ExactLine(std::string_view label, std::string_view command, const Terminal& terminal) {
  const std::string front = Labelled(label).Render(0, terminal.utf8, terminal.color);
  return terminal.color ? fmt::format("{}\033[1m{}\033[0m", front, command) : front + std::string(command);
}

std::vector<std::string> BestLines(const SummaryInput& input, const Terminal& terminal) {
  const api::Experiment& experiment = *input.experiment;
  const api::OptimalTrial& best = experiment.status.current_optimal_trial;
  const auto render = [&](const StyledLine& line) { return line.Render(0, terminal.utf8, terminal.color); };
  if (best.best_trial_name.empty() || !experiment.spec.objective) {
    return {render(Labelled("best").Add("none: no trial has reported the objective yet"))};
  }
  const std::string broken = BrokenBounds(experiment);
  StyledLine line = Labelled(broken.empty() ? "best" : "nearest");
  const std::vector<std::string> metrics = MetricNames(*experiment.spec.objective);
  for (size_t i = 0; i < metrics.size(); ++i) {
    const std::string_view value = MetricText(*experiment.spec.objective, best.observation, metrics[i]);
    if (!value.empty())
      line.Add(fmt::format("{}={}", metrics[i], value), i == 0 ? Style::kGood : Style::kPlain).Add("  ");
  }
  std::vector<std::string> lines{
      render(line.Add("trial " + best.best_trial_name)),
      render(Labelled("").Add(AssignmentsText(best.parameter_assignments, /*brief=*/false)))};
  if (!broken.empty()) {
    lines.push_back(render(Labelled("").Add("no trial keeps all constraints: " + broken, Style::kBad)));
  }
  if (input.best_trial != nullptr) {
    const absl::StatusOr<ProgramCall> call =
        FindProgramCall(input.best_trial->spec.run_spec, input.best_trial->spec.primary_container_name);
    if (call.ok()) lines.push_back(ExactLine("again", CommandLine(*call), terminal));
  }
  return lines;
}

// The trials that the best one shares its place with.
std::vector<StyledLine> FrontLines(const api::Experiment& experiment, const ParetoFront& front) {
  constexpr size_t kShown = 10;
  std::vector<StyledLine> lines = {Labelled("front").Add(FrontText(front))};
  for (size_t i = 0; i < std::min(kShown, front.trials.size()); ++i) {
    const api::Trial& trial = *front.trials[i];
    StyledLine line = Labelled("");
    for (const MetricDirection& objective : front.objectives) {
      const std::string_view value =
          MetricText(*experiment.spec.objective, *trial.status.observation, objective.metric);
      line.Add(fmt::format("{}={}  ", objective.metric, ShortNumber(value)), Style::kGood);
    }
    line.Add("trial " + trial.metadata.name);
    lines.push_back(line.Add("  " + AssignmentsText(trial.spec.parameter_assignments, /*brief=*/true)));
  }
  if (front.trials.size() > kShown) {
    lines.push_back(Labelled("").Add(
        fmt::format("and {} more: qalam best {}", front.trials.size() - kShown, experiment.metadata.name)));
  }
  return lines;
}

}  // namespace

std::vector<std::string> SummaryLines(const SummaryInput& input, const Terminal& terminal) {
  const api::Experiment& experiment = *input.experiment;
  const bool failed = api::IsTrue(experiment.status.conditions, "Failed");
  std::vector<std::string> lines;
  const auto add = [&](const StyledLine& line) {
    lines.push_back(line.Render(0, terminal.utf8, terminal.color));
  };

  add(StyledLine()
          .Add(experiment.metadata.name, Style::kBold)
          .Add(fmt::format(" {}: ", Verb(experiment)), failed ? Style::kBad : Style::kPlain)
          .Add(EndText(input)));
  for (std::string& line : BestLines(input, terminal)) lines.push_back(std::move(line));
  if (input.front) {
    for (const StyledLine& line : FrontLines(experiment, *input.front)) add(line);
  }
  add(Labelled("trials").Add(CountsText(experiment.status)));
  if (!experiment.status.failed.empty() || !experiment.status.metrics_unavailable.empty()) {
    lines.push_back(ExactLine("why", "qalam why " + experiment.metadata.name, terminal));
  }
  StyledLine logs = Labelled("logs");
  if (!input.best_log_file.empty()) logs.Add(input.best_log_file + "  ");
  add(logs.Add(fmt::format("(any trial: qalam logs {}/TRIAL)", experiment.metadata.name), Style::kDim));

  std::string took = DurationText(input.wall);
  const int parallel = std::max(1, experiment.spec.parallel_trial_count.value_or(1));
  if (input.busy_share) {
    took += fmt::format("; {} {} busy {}% of the time", parallel, parallel == 1 ? "slot was" : "slots were",
                        std::lround(100 * *input.busy_share));
  }
  add(Labelled("took").Add(took));
  if (input.savings) {
    add(Labelled("saved").Add(SavedText(*input.savings)));
    std::string_view label = "risk";
    for (const std::string& text : RiskTexts(*input.savings))
      add(Labelled(std::exchange(label, "")).Add(text));
  }
  if (!IsFinished(experiment) && !input.resume_command.empty()) {
    lines.push_back("resume with: " + input.resume_command);
  }
  return lines;
}

}  // namespace qalam::cli
