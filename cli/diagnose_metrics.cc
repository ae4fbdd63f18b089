#include "cli/diagnose_metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "api/condition.h"
#include "api/enum_text.h"
#include "cli/resource_facts.h"
#include "metrics/near_miss.h"
#include "metrics/text_filters.h"

namespace qalam::cli {
namespace {

constexpr size_t kShownLines = 3;

std::string_view StrategyOf(const api::ObjectiveSpec& objective) {
  for (const api::MetricStrategy& strategy : objective.metric_strategies) {
    if (strategy.name != objective.objective_metric_name) continue;
    if (strategy.value == api::MetricStrategyType::kMin) return "min";
    if (strategy.value == api::MetricStrategyType::kMax) return "max";
  }
  return "latest";
}

std::string YamlQuoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? "''" : std::string(1, c);
  return quoted + "'";
}

Cause NotFinite(const TrialEvidence& evidence) {
  const api::ObjectiveSpec& objective = evidence.trial->spec.objective;
  const MetricReports& reports = evidence.objective;
  Cause cause{
      .key = "value-not-finite",
      .text = fmt::format("{} was reported as \"{}\", which is no finite number",
                          objective.objective_metric_name, reports.last),
      .remedy = fmt::format("let the program print a finite number, or end with exit code 65 where the "
                            "parameters make it diverge: then the search learns to stay away"),
      .facts = {{"reports", reports.count}, {"finiteReports", reports.finite}, {"value", reports.last}}};
  if (reports.last.find('\033') != std::string::npos)
    cause.remedy = "switch terminal colours off in the program: they stand within the value";
  return cause;
}

// Finite values are there, but not the one that counts.
Cause Strategy(const TrialEvidence& evidence) {
  const api::ObjectiveSpec& objective = evidence.trial->spec.objective;
  const MetricReports& reports = evidence.objective;
  const bool minimize = objective.type == api::ObjectiveType::kMinimize;
  return {.key = "strategy",
          .text = fmt::format(
              "{} of {} reports of {} are finite numbers (the last was {}), but the metric strategy is "
              "{}, and that value is not",
              reports.finite, reports.count, objective.objective_metric_name, reports.last_finite,
              StrategyOf(objective)),
          .remedy = "let the best value count:",
          .paste = {fmt::format("metricStrategies: [{{name: {}, value: {}}}]",
                                objective.objective_metric_name, minimize ? "min" : "max")}};
}

struct Format {
  bool json = false;
  std::vector<std::string> filters;
};

Format FormatOf(const api::MetricsCollectorSpec& collector) {
  Format format;
  if (!collector.source) return format;
  if (collector.kind == api::CollectorKind::kFile && collector.source->file_system_path)
    format.json = collector.source->file_system_path->format == "JSON";
  if (collector.source->metrics_format) format.filters = *collector.source->metrics_format;
  return format;
}

Cause NearMissCause(const metrics::NearMiss& miss, const std::string& metric) {
  Cause cause{.key = "near-miss",
              .text = fmt::format("{} was never found, but this line nearly has it: {}", metric, miss.why),
              .evidence = {miss.line},
              .facts = {{"value", miss.value}}};
  cause.remedy = fmt::format(
      "let the program print {}={}, or write this in the Experiment (tried: it reads {}):", metric,
      miss.value, miss.value);
  if (!miss.name.empty()) {
    cause.paste.push_back(fmt::format("objectiveMetricName: {}", miss.name));
    cause.facts.emplace_back("objectiveMetricName", miss.name);
  }
  if (!miss.format.empty()) {
    cause.paste.push_back(fmt::format("format: {}", miss.format));
    cause.facts.emplace_back("format", miss.format);
  }
  if (!miss.filter.empty()) {
    cause.paste.push_back(fmt::format("metricsFormat: [{}]", YamlQuoted(miss.filter)));
    cause.facts.emplace_back("metricsFormat", miss.filter);
  }
  if (miss.no_filter) cause.paste.emplace_back("# and without metricsFormat");
  return cause;
}

Cause FileNotWritten(const TrialEvidence& evidence) {
  const std::string& wanted = evidence.trial->spec.metrics_collector.source->file_system_path->path;
  Cause cause{.key = "file-not-written",
              .text = fmt::format("the metrics file was never written: {}", evidence.metrics_file->path),
              .remedy = fmt::format(
                  "let the program write to the path in its arguments or in QALAM_METRICS_FILE: each "
                  "trial has a file of its own in place of {}",
                  wanted)};
  std::error_code ignored;
  if (std::filesystem::exists(wanted, ignored))
    cause.text += fmt::format(". But there is a file {}: the program has that path built in", wanted);
  return cause;
}

// For collectors whose source is gone with the trial; what was seen of it then is in the condition's message.
Cause NotReported(const api::Trial& trial) {
  const api::MetricsCollectorSpec& collector = trial.spec.metrics_collector;
  const std::string& metric = trial.spec.objective.objective_metric_name;
  const api::Condition* missing = api::FindCondition(trial.status.conditions, "MetricsUnavailable");
  Cause cause{.key = "not-reported",
              .text = missing != nullptr ? missing->message
                                         : fmt::format("{} was never reported with the collector {}", metric,
                                                       api::EnumText(collector.kind))};
  if (collector.kind == api::CollectorKind::kPush) {
    cause.remedy = fmt::format(
        "let the program call qalam.report_metrics({{\"{}\": 0.5}}), or DBManager at QALAM_ADDR "
        "(docs/push.md)",
        metric);
  }
  return cause;
}

}  // namespace

std::vector<Cause> DiagnoseMetrics(const TrialEvidence& evidence) {
  const api::Trial& trial = *evidence.trial;
  const api::MetricsCollectorSpec& collector = trial.spec.metrics_collector;
  const std::string& metric = trial.spec.objective.objective_metric_name;
  const MetricReports& reports = evidence.objective;
  if (trial.status.observation && ObjectiveValue(trial.spec.objective, *trial.status.observation)) return {};
  if (reports.count > 0) {
    if (reports.finite == reports.count && StateOf(trial) != TrialState::kMetricsUnavailable) return {};
    std::vector<Cause> causes{NotFinite(evidence)};
    if (reports.finite > 0) causes.insert(causes.begin(), Strategy(evidence));
    return causes;
  }

  const bool from_file = collector.kind == api::CollectorKind::kFile;
  const bool from_output =
      collector.kind == api::CollectorKind::kStdOut || collector.kind == api::CollectorKind::kUnset;
  if (!from_file && !from_output) return {NotReported(trial)};
  const std::optional<WrittenFile>& source = from_file ? evidence.metrics_file : evidence.output;
  if (!source || (from_output && !source->exists)) {
    return {{.key = "output-elsewhere",
             .text = fmt::format("{} was never found in the output, and the output is not on this machine",
                                 metric)}};
  }
  if (!source->exists) return {FileNotWritten(evidence)};
  if (source->bytes == 0) {
    return {{.key = "no-output",
             .text = from_file ? fmt::format("the metrics file is empty: {}", source->path)
                               : std::string("the program printed nothing at all"),
             .remedy = fmt::format("let it print {}=NUMBER on a line of its own", metric)}};
  }
  const Format format = FormatOf(collector);
  const metrics::MetricSearch search{
      .metric = metric, .json = format.json, .filters = format.filters, .may_change_format = from_file};
  if (const auto miss = metrics::FindNearMiss(search, source->end)) return {NearMissCause(*miss, metric)};

  Cause cause{.key = "not-printed",
              .text = fmt::format("{} was never found in the {} ({} bytes), nor anything like it", metric,
                                  from_file ? "metrics file" : "output", source->bytes),
              .evidence = LastLines(source->end, kShownLines),
              .remedy = format.json ? fmt::format("let it write lines such as {{\"{}\": 0.5}}", metric)
                                    : fmt::format("let it print lines such as {}=0.5", metric)};
  if (!format.filters.empty()) {
    std::string filters;
    for (const std::string& filter : format.filters) filters += (filters.empty() ? "" : "; ") + filter;
    cause.text += fmt::format(". The filter was {}", filters);
  }
  if (source->bytes > kEvidenceBytes)
    cause.text += fmt::format(". Only the last {} KiB were looked at", kEvidenceBytes >> 10);
  return {std::move(cause)};
}

}  // namespace qalam::cli
