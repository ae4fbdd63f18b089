#include "controller/observation.h"

#include <fmt/format.h>

#include <cmath>

#include "absl/time/time.h"
#include "api/trial_facts.h"
#include "base/number_text.h"

namespace qalam::controller {
namespace wire = ::api::v1::beta1;
namespace {

struct Accumulator {
  api::MetricValue texts;
  std::optional<double> min, max;
  std::optional<absl::Time> latest;

  absl::Status Add(const wire::MetricLog& row) {
    absl::Time time;
    if (std::string error; !absl::ParseTime(absl::RFC3339_full, row.time_stamp(), &time, &error)) {
      return absl::InvalidArgumentError(fmt::format("time stamp '{}' of metric {} is not RFC 3339: {}",
                                                    row.time_stamp(), row.metric().name(), error));
    }
    const std::string& text = row.metric().value();
    if (const auto value = ParseDouble(text); value && std::isfinite(*value)) {
      if (!min || *value < *min) min = *value, texts.min = text;
      if (!max || *value > *max) max = *value, texts.max = text;
    }
    if (!latest || time >= *latest) latest = time, texts.latest = text;
    return absl::OkStatus();
  }
};

}  // namespace

absl::StatusOr<std::optional<api::Observation>> Summarise(const wire::ObservationLog& log,
                                                          const api::ObjectiveSpec& objective) {
  if (log.metric_logs().empty()) return std::nullopt;
  std::vector<Accumulator> metrics;
  for (const api::MetricStrategy& strategy : objective.metric_strategies) {
    const std::string unavailable(api::kUnavailable);
    metrics.push_back({.texts = {strategy.name, unavailable, unavailable, unavailable}});
  }
  for (const wire::MetricLog& row : log.metric_logs()) {
    for (Accumulator& metric : metrics) {
      if (metric.texts.name == row.metric().name()) QALAM_RETURN_IF_ERROR(metric.Add(row));
    }
  }
  api::Observation observation;
  for (Accumulator& metric : metrics) observation.metrics.push_back(std::move(metric.texts));
  return observation;
}

}  // namespace qalam::controller
