#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/csv.h"
#include "cli/exit_code.h"
#include "cli/lookup.h"
#include "cli/pareto_front.h"
#include "cli/read_commands.h"
#include "cli/resource_facts.h"
#include "cli/time_text.h"
#include "cli/trial_record.h"

namespace qalam::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string StartText(const api::Trial& trial) {
  return trial.status.start_time ? TimestampText(*trial.status.start_time) : "";
}

std::string EndText(const api::Trial& trial) {
  const std::optional<absl::Time> end = FinishTime(trial);
  return end ? TimestampText(*end) : "";
}

// Of finished trials only: exporting twice gives the same file.
std::optional<std::int64_t> SecondsTaken(const api::Trial& trial) {
  if (!IsFinished(StateOf(trial))) return std::nullopt;
  const std::optional<absl::Duration> duration = TrialDuration(trial, absl::InfinitePast());
  return duration ? std::optional(absl::ToInt64Seconds(*duration)) : std::nullopt;
}

// The declared ones first, then whatever else the trials have.
std::vector<std::string> ParameterNames(const api::Experiment& experiment,
                                        const std::vector<TrialPtr>& trials) {
  std::vector<std::string> names;
  std::set<std::string> seen;
  const auto add = [&](const std::string& name) {
    if (seen.insert(name).second) names.push_back(name);
  };
  for (const api::ParameterSpec& parameter : experiment.spec.parameters) add(parameter.name);
  for (const TrialPtr& trial : trials) {
    for (const api::ParameterAssignment& assignment : trial->spec.parameter_assignments) add(assignment.name);
  }
  return names;
}

// Those of the Pareto front; empty with one objective.
using FrontNames = std::optional<std::set<std::string>>;

FrontNames NamesOfFront(const api::Experiment& experiment, const std::vector<TrialPtr>& trials) {
  const std::optional<ParetoFront> front = FindFront(experiment, trials);
  if (!front) return std::nullopt;
  std::set<std::string> names;
  for (const TrialPtr& trial : front->trials) names.insert(trial->metadata.name);
  return names;
}

void ExportCsv(const api::Experiment& experiment, const std::vector<TrialPtr>& trials,
               const FrontNames& front, std::ostream& out) {
  const api::ObjectiveSpec objective = experiment.spec.objective.value_or(api::ObjectiveSpec{});
  const std::vector<std::string> parameters = ParameterNames(experiment, trials),
                                 metrics = MetricNames(objective);
  std::vector<std::string> header{"trial", "status", "start", "end", "duration_seconds"};
  const auto add = [&](const std::string& name, std::string_view group) {
    const bool taken = std::find(header.begin(), header.end(), name) != header.end();
    header.push_back(taken ? fmt::format("{}.{}", group, name) : name);
  };
  for (const std::string& parameter : parameters) add(parameter, "parameter");
  for (const std::string& metric : metrics) add(metric, "metric");
  if (front) header.emplace_back("pareto_front");
  out << CsvRow(header);

  for (const TrialPtr& trial : trials) {
    const std::optional<std::int64_t> seconds = SecondsTaken(*trial);
    std::vector<std::string> row{trial->metadata.name, std::string(StateName(StateOf(*trial))),
                                 StartText(*trial), EndText(*trial), seconds ? std::to_string(*seconds) : ""};
    std::map<std::string, std::string> values;
    for (const api::ParameterAssignment& assignment : trial->spec.parameter_assignments) {
      values[assignment.name] = assignment.value;
    }
    for (const std::string& parameter : parameters) row.push_back(values[parameter]);
    for (const std::string& metric : metrics) {
      row.emplace_back(trial->status.observation ? MetricText(objective, *trial->status.observation, metric)
                                                 : "");
    }
    if (front) row.emplace_back(front->contains(trial->metadata.name) ? "true" : "false");
    out << CsvRow(row);
  }
}

// All but the curve.
Json TrialRecord(const api::Experiment& experiment, const api::Trial& trial, const FrontNames& front) {
  std::set<std::string> numeric;
  for (const api::ParameterSpec& parameter : experiment.spec.parameters) {
    if (parameter.type != api::ParameterType::kCategorical) numeric.insert(parameter.name);
  }
  const auto or_null = [](const auto& text) { return text.empty() ? Json() : Json(text); };
  Json record = {{"apiVersion", "qalam.dev/v1"},
                 {"kind", "TrialRecord"},
                 {"experiment", experiment.metadata.name},
                 {"trial", trial.metadata.name},
                 {"status", StateName(StateOf(trial))},
                 {"start", or_null(StartText(trial))},
                 {"end", or_null(EndText(trial))},
                 {"parameters", Json::object()},
                 {"metrics", Json::object()}};
  const std::optional<std::int64_t> seconds = SecondsTaken(trial);
  if (front) record["paretoFront"] = front->contains(trial.metadata.name);
  record["durationSeconds"] = seconds ? Json(*seconds) : Json();
  for (const api::ParameterAssignment& assignment : trial.spec.parameter_assignments) {
    record["parameters"][assignment.name] =
        numeric.count(assignment.name) > 0 ? NumberOrText(assignment.value) : Json(assignment.value);
  }
  if (trial.status.observation) {
    for (const api::MetricValue& metric : trial.status.observation->metrics) {
      record["metrics"][metric.name] = {{"min", NumberOrText(metric.min)},
                                        {"max", NumberOrText(metric.max)},
                                        {"latest", NumberOrText(metric.latest)}};
    }
  }
  return record;
}

// Programs may report any bytes; a record must be valid JSON all the same.
std::string Text(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

// The curve comes last and is written point by point, as it may be longer than memory. Nothing is written before the
// first point was read.
absl::Status WriteRecord(const api::Experiment& experiment, const api::Trial& trial, const FrontNames& front,
                         const ReadStore& store, std::ostream& out) {
  std::string before = Text(TrialRecord(experiment, trial, front));
  before.replace(before.size() - 1, 1, ",\"curve\":[");
  const absl::Status status = store.Curve(trial, [&](const CurvePoint& point) {
    out << before
        << Text({{"time", point.time}, {"metric", point.metric}, {"value", NumberOrText(point.value)}});
    before = ",";
  });
  if (!status.ok()) return status;
  if (before != ",") out << before;
  out << "]}\n";
  return absl::OkStatus();
}

}  // namespace

int RunExport(const ExportOptions& options, const ReadStore& store, Streams& streams) {
  if (options.format != "csv" && options.format != "jsonl") {
    return ReportError(
        absl::InvalidArgumentError(fmt::format("--format must be csv or jsonl, got \"{}\"", options.format)),
        streams);
  }
  const absl::StatusOr<ExperimentPtr> experiment = store.Experiment(options.namespace_name, options.name);
  if (!experiment.ok()) return ReportError(experiment.status(), streams);
  const absl::StatusOr<std::vector<TrialPtr>> trials = store.Trials(**experiment);
  if (!trials.ok()) return ReportError(trials.status(), streams);
  const FrontNames front = NamesOfFront(**experiment, *trials);
  if (options.format == "csv") {
    ExportCsv(**experiment, *trials, front, streams.out);
    return ToInt(ExitCode::kOk);
  }
  for (const TrialPtr& trial : *trials) {
    const absl::Status written = WriteRecord(**experiment, *trial, front, store, streams.out);
    if (!written.ok()) return ReportError(written, streams);
  }
  return ToInt(ExitCode::kOk);
}

}  // namespace qalam::cli
