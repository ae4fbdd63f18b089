#include "metrics/scraped_metrics.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "base/number_text.h"
#include "metrics/collector.h"
#include "metrics/timestamps.h"
#include "metrics/utf8.h"

namespace qalam::metrics {
namespace {

constexpr size_t kMaxNamedNames = 20;

// What clients say about themselves and their runtime.
bool IsOwnName(std::string_view name) {
  return name.starts_with("python_") || name.starts_with("process_") || name.starts_with("go_") ||
         name.ends_with("_created");
}

std::string TimeText(std::string_view timestamp, bool open_metrics, absl::Time now) {
  const double given = ParseDouble(timestamp).value_or(0);
  const double seconds =
      timestamp.empty() ? absl::ToDoubleSeconds(now - absl::UnixEpoch()) : given / (open_metrics ? 1 : 1000);
  return UnixSecondsText(seconds).value_or(std::string(kZeroTime));
}

}  // namespace

absl::StatusOr<ScrapedMetrics> ScrapedMetrics::Create(const std::vector<std::string>& wanted) {
  ScrapedMetrics result;
  for (const std::string& name : wanted) {
    std::optional<SampleSelector> selector = ReadSelector(name);
    if (!selector) {
      return absl::InvalidArgumentError(
          fmt::format("objective: metric \"{}\" is no name of a Prometheus metric; it must be like loss or "
                      "loss{{phase=\"val\"}}",
                      name));
    }
    result.wanted_.push_back({.name = name, .selector = *std::move(selector)});
  }
  return result;
}

void ScrapedMetrics::Read(std::string_view body, bool open_metrics, absl::Time now, PointReceiver& receiver) {
  bytes_ += static_cast<std::int64_t>(body.size());
  std::vector<Found> found(wanted_.size());
  bad_lines_ += ReadExposition(body, [&](const Sample& sample) {
    ++samples_;
    if (names_.size() <= kMaxNamedNames && !IsOwnName(sample.name)) names_.emplace(sample.name);
    for (size_t i = 0; i < wanted_.size(); ++i) {
      if (!wanted_[i].selector.Selects(sample) || ++found[i].matches > 1) continue;
      found[i].value = CutUtf8(sample.value, kMaxTextBytes);
      found[i].timestamp = CutUtf8(sample.timestamp, kMaxTextBytes);
    }
  });
  for (size_t i = 0; i < wanted_.size(); ++i) {
    wanted_[i].matches = found[i].matches;
    if (found[i].matches != 1) continue;
    if (!Report(wanted_[i], found[i], open_metrics, now, receiver)) return;
  }
}

bool ScrapedMetrics::Report(Wanted& metric, const Found& found, bool open_metrics, absl::Time now,
                            PointReceiver& receiver) {
  const bool first = !std::exchange(metric.seen, true);
  const bool same =
      found.timestamp.empty() ? found.value == metric.value : found.timestamp == metric.timestamp;
  if (!first && same) return true;
  metric.value = found.value;
  metric.timestamp = found.timestamp;
  metric.first_zero.clear();
  MetricPoint point{TimeText(found.timestamp, open_metrics, now), metric.name, found.value};
  if (first && found.timestamp.empty() && ParseDouble(found.value) == 0.0) {
    metric.first_zero.push_back(std::move(point));
    return true;
  }
  return receiver.OnPoint(std::move(point));
}

void ScrapedMetrics::Finish(PointReceiver& receiver) {
  for (Wanted& metric : wanted_) {
    for (MetricPoint& point : std::exchange(metric.first_zero, {})) {
      if (!receiver.OnPoint(std::move(point))) return;
    }
  }
}

void ScrapedMetrics::Describe(CollectionSummary& summary) const {
  summary.bytes = bytes_;
  summary.lines = samples_;
  summary.invalid_lines = bad_lines_;
  if (samples_ == 0) {
    summary.evidence =
        bad_lines_ == 0 ? "the endpoint showed no metrics" : "the endpoint's answer holds no metrics";
    return;
  }
  const bool more = names_.size() > kMaxNamedNames;
  const auto end = more ? std::prev(names_.end()) : names_.end();
  summary.evidence =
      fmt::format("the endpoint showed {}{}", fmt::join(names_.begin(), end, ", "), more ? ", ..." : "");
  if (names_.empty()) summary.evidence = "the endpoint showed nothing but metrics of its own runtime";
  for (const Wanted& metric : wanted_) {
    if (metric.matches < 2) continue;
    summary.evidence +=
        fmt::format("; {} has {} samples, and a label must tell them apart, as in {}{{phase=\"val\"}}",
                    metric.name, metric.matches, metric.selector.name);
  }
}

}  // namespace qalam::metrics
