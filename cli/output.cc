#include "cli/output.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/codec.h"
#include "base/number_text.h"
#include "cli/pareto_front.h"
#include "cli/resource_facts.h"
#include "cli/time_text.h"

namespace qalam::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kNarrowestCell = 8;
constexpr std::string_view kArchitecture = "architecture";  // an assignment

Json ParsedJson(const api::Resource& resource) {
  return Json::parse(api::ToJson(resource), nullptr, /*allow_exceptions=*/false);
}

std::string WithFinalNewline(std::string text) {
  if (text.empty() || text.back() != '\n') text += '\n';
  return text;
}

// As an element of a YAML list: "- " before the first line, the others indented as far.
std::string AsYamlElement(const std::string& yaml) {
  std::string element = "- ";
  for (size_t i = 0; i < yaml.size(); ++i) {
    element += yaml[i];
    const bool next_has_text = yaml[i] == '\n' && i + 1 < yaml.size() && yaml[i + 1] != '\n';
    if (next_has_text) element += "  ";
  }
  return WithFinalNewline(std::move(element));
}

std::string AgeText(const api::Resource& resource, absl::Time now) {
  const std::optional<absl::Time>& created = resource.metadata.creation_timestamp;
  return created ? RoughDurationText(now - *created) : "";
}

std::string CreatedText(const api::Resource& resource) {
  const std::optional<absl::Time>& created = resource.metadata.creation_timestamp;
  return created ? TimestampText(*created) : "";
}

std::string TrialsText(const api::Experiment& experiment) {
  const int done = FinishedTrials(experiment.status);
  return experiment.spec.max_trial_count ? fmt::format("{}/{}", done, *experiment.spec.max_trial_count)
                                         : std::to_string(done);
}

std::string ObjectiveText(const api::Experiment& experiment) {
  if (!experiment.spec.objective) return "";
  const api::ObjectiveSpec& objective = *experiment.spec.objective;
  std::string text = fmt::format("{} {}", objective.type == api::ObjectiveType::kMinimize ? "min" : "max",
                                 objective.objective_metric_name);
  if (objective.goal) text += " to " + NumberText(*objective.goal);
  return text;
}

std::string ExperimentDuration(const api::Experiment& experiment, absl::Time now) {
  if (!experiment.status.start_time) return "";
  const absl::Time end = IsFinished(experiment) ? experiment.status.completion_time.value_or(now) : now;
  return WholeDurationText(end - *experiment.status.start_time);
}

template <class Items>
std::vector<const api::Resource*> Pointers(const Items& items) {
  std::vector<const api::Resource*> pointers;
  for (const auto& item : items) pointers.push_back(item.get());
  return pointers;
}

// What all kinds of resources have in common; true when the format is one of these.
template <class Items>
bool PrintPlainForms(const Items& items, OutputFormat format, std::ostream& out) {
  switch (format) {
    case OutputFormat::kJson:
    case OutputFormat::kYaml:
      PrintResourceList(out, Pointers(items), format);
      return true;
    case OutputFormat::kName:
      for (const auto& item : items) out << item->metadata.name << '\n';
      return true;
    default:
      return false;
  }
}

void PrintTable(const Table& table, const OutputOptions& options, Streams& streams) {
  if (options.format == OutputFormat::kCsv) {
    table.PrintCsv(streams.out, options.headers);
  } else {
    table.Print(streams.out, streams.out_terminal, options.format == OutputFormat::kWide, options.headers);
  }
}

std::string ValueOf(const std::vector<api::ParameterAssignment>& assignments, std::string_view name) {
  for (const api::ParameterAssignment& assignment : assignments) {
    if (assignment.name == name) return assignment.value;
  }
  return "";
}

}  // namespace

std::optional<OutputFormat> ParseOutputFormat(std::string_view text) {
  if (text == "table") return OutputFormat::kTable;
  if (text == "wide") return OutputFormat::kWide;
  if (text == "json") return OutputFormat::kJson;
  if (text == "yaml") return OutputFormat::kYaml;
  if (text == "csv") return OutputFormat::kCsv;
  if (text == "name") return OutputFormat::kName;
  return std::nullopt;
}

void PrintResource(std::ostream& out, const api::Resource& resource, OutputFormat format) {
  out << WithFinalNewline(format == OutputFormat::kJson ? api::ToPrettyJson(resource)
                                                        : api::ToYaml(resource));
}

void PrintResourceList(std::ostream& out, const std::vector<const api::Resource*>& items,
                       OutputFormat format) {
  if (format == OutputFormat::kJson) {
    Json list = {{"apiVersion", "v1"}, {"kind", "List"}, {"items", Json::array()}};
    for (const api::Resource* item : items) list["items"].push_back(ParsedJson(*item));
    out << list.dump(2) << '\n';
    return;
  }
  out << "apiVersion: v1\nkind: List\nitems:" << (items.empty() ? " []\n" : "\n");
  for (const api::Resource* item : items) out << AsYamlElement(api::ToYaml(*item));
}

void PrintExperiments(const std::vector<ExperimentPtr>& experiments, const OutputOptions& options,
                      Streams& streams) {
  if (PrintPlainForms(experiments, options.format, streams.out)) return;
  const bool exact = options.format == OutputFormat::kCsv;
  Table table({{.title = "name"},
               {.title = "status"},
               {.title = "trials", .right_aligned = true},
               {.title = "running", .right_aligned = true},
               {.title = "failed", .right_aligned = true},
               {.title = "best", .min_width = kNarrowestCell},
               {.title = "algorithm", .use = ColumnUse::kWide},
               {.title = "objective", .use = ColumnUse::kWide, .min_width = kNarrowestCell},
               {.title = "best trial", .use = ColumnUse::kWide},
               {.title = "duration", .use = ColumnUse::kWide, .right_aligned = true},
               {.title = "age", .use = ColumnUse::kTextOnly, .right_aligned = true},
               {.title = "created", .use = ColumnUse::kCsvOnly}});
  for (const ExperimentPtr& experiment : experiments) {
    const api::ExperimentStatus& status = experiment->status;
    table.AddRow({experiment->metadata.name, ExperimentStatusName(*experiment), TrialsText(*experiment),
                  std::to_string(status.running.size()),
                  std::to_string(status.failed.size() + status.metrics_unavailable.size()),
                  BestText(*experiment, !exact),
                  experiment->spec.algorithm ? experiment->spec.algorithm->algorithm_name : "",
                  ObjectiveText(*experiment), status.current_optimal_trial.best_trial_name,
                  ExperimentDuration(*experiment, streams.now), AgeText(*experiment, streams.now),
                  CreatedText(*experiment)});
  }
  PrintTable(table, options, streams);
}

void PrintTrials(const api::Experiment& experiment, const std::vector<TrialPtr>& trials,
                 const OutputOptions& options, Streams& streams) {
  if (PrintPlainForms(trials, options.format, streams.out)) return;
  const bool exact = options.format == OutputFormat::kCsv;
  const auto number = [&](std::string_view text) { return exact ? std::string(text) : ShortNumber(text); };
  const api::ObjectiveSpec objective = experiment.spec.objective.value_or(api::ObjectiveSpec{});
  const std::vector<std::string> metrics = MetricNames(objective), objectives = ObjectiveNames(experiment);
  const auto is_objective = [&](const std::string& metric) {
    return std::find(objectives.begin(), objectives.end(), metric) != objectives.end();
  };

  std::vector<Column> columns{{.title = "name"}, {.title = "status"}};
  for (size_t i = 0; i < metrics.size(); ++i) {
    columns.push_back({.title = metrics[i],
                       .use = i == 0 || is_objective(metrics[i]) ? ColumnUse::kAlways : ColumnUse::kWide,
                       .right_aligned = true,
                       .min_width = kNarrowestCell,
                       .keep_title = true});
  }
  for (const api::ParameterSpec& parameter : experiment.spec.parameters) {
    const bool is_number =
        parameter.type == api::ParameterType::kDouble || parameter.type == api::ParameterType::kInt;
    columns.push_back({.title = parameter.name,
                       .right_aligned = is_number,
                       .min_width = kNarrowestCell,
                       .keep_title = true});
  }
  // Of what an architecture search assigns, the part that is short.
  const bool has_architectures =
      experiment.spec.nas_config && std::any_of(trials.begin(), trials.end(), [](const TrialPtr& trial) {
        return !ValueOf(trial->spec.parameter_assignments, kArchitecture).empty();
      });
  if (has_architectures) columns.push_back({.title = std::string(kArchitecture), .keep_title = true});
  columns.push_back({.title = "duration", .right_aligned = true});
  columns.push_back({.title = "age", .use = ColumnUse::kTextOnly, .right_aligned = true});
  columns.push_back({.title = "created", .use = ColumnUse::kCsvOnly});
  columns.push_back({.title = "message", .use = ColumnUse::kWide, .min_width = kNarrowestCell});

  Table table(std::move(columns));
  for (const TrialPtr& trial : trials) {
    std::vector<std::string> row{trial->metadata.name, std::string(StateName(StateOf(*trial)))};
    for (const std::string& metric : metrics) {
      row.push_back(
          trial->status.observation ? number(MetricText(objective, *trial->status.observation, metric)) : "");
    }
    for (const api::ParameterSpec& parameter : experiment.spec.parameters) {
      row.push_back(number(ValueOf(trial->spec.parameter_assignments, parameter.name)));
    }
    if (has_architectures) row.push_back(ValueOf(trial->spec.parameter_assignments, kArchitecture));
    const std::optional<absl::Duration> duration = TrialDuration(*trial, streams.now);
    row.push_back(duration ? WholeDurationText(*duration) : "");
    row.push_back(AgeText(*trial, streams.now));
    row.push_back(CreatedText(*trial));
    row.push_back(TrialMessage(*trial));
    table.AddRow(std::move(row));
  }
  PrintTable(table, options, streams);
}

}  // namespace qalam::cli
