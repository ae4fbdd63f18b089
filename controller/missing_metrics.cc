#include "controller/missing_metrics.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "api/trial_facts.h"

namespace qalam::controller {
namespace {

std::string Count(std::int64_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string Reports(const metrics::CollectionSummary& summary) {
  std::string text = Count(summary.reports, "report");
  if (!summary.reported.empty()) text += fmt::format(" of {}", fmt::join(summary.reported, ", "));
  return text;
}

std::string OfPush(const metrics::CollectionSummary& summary, std::string_view address) {
  if (summary.reports > 0) return fmt::format(": what came to {} was {}", address, Reports(summary));
  return fmt::format(
      ": with the collector Push the program reports to DBManager at QALAM_ADDR, which was {}, and nobody "
      "called "
      "there",
      address);
}

std::string OfCustom(const metrics::CollectionSummary& summary, std::string_view collector_end) {
  std::string text = fmt::format(": from the collector came {} and {} of output", Reports(summary),
                                 Count(summary.lines, "line"));
  if (!summary.filter.empty() && summary.lines > 0)
    text += fmt::format("; the filter was {}", summary.filter);
  if (!summary.collector_last_lines.empty()) {
    text += fmt::format("; its last line was \"{}\"", summary.collector_last_lines.back());
  }
  if (!collector_end.empty()) text += fmt::format("; how it ended: {}", collector_end);
  return text;
}

std::string OfOutput(const metrics::CollectionSummary& summary) {
  if (!summary.evidence.empty()) return ": " + summary.evidence;
  if (summary.bytes == 0) return ": there was no output";
  std::string text = fmt::format(" in {} of output", Count(summary.lines, "line"));
  if (!summary.filter.empty()) text += fmt::format("; the filter was {}", summary.filter);
  if (!summary.last_lines.empty())
    text += fmt::format("; the last line was \"{}\"", summary.last_lines.back());
  return text;
}

std::string WhatCame(api::CollectorKind kind, const metrics::CollectionSummary& summary,
                     std::string_view address, std::string_view collector_end) {
  if (kind == api::CollectorKind::kPush) return OfPush(summary, address);
  if (kind == api::CollectorKind::kCustom) return OfCustom(summary, collector_end);
  return OfOutput(summary);
}

}  // namespace

std::string MissingMetricsText(const api::Trial& trial, const metrics::CollectionSummary& summary,
                               const std::optional<api::Observation>& observation, std::string_view address,
                               std::string_view collector_end) {
  const std::string& objective = trial.spec.objective.objective_metric_name;
  const std::string_view text =
      observation ? api::MetricText(trial.spec.objective, *observation, objective) : std::string_view();
  if (!text.empty() && text != api::kUnavailable) {
    return fmt::format("objective {} was reported as \"{}\", which is not a finite number", objective, text);
  }
  return fmt::format("objective {} was never reported{}", objective,
                     WhatCame(trial.spec.metrics_collector.kind, summary, address, collector_end));
}

}  // namespace qalam::controller
