// Any bytes as the answer of a Prometheus endpoint, and as a metric's name.
#include <cstdint>
#include <cstdlib>

#include "metrics/scraped_metrics.h"
#include "metrics/timestamps.h"
#include "metrics/utf8.h"
#include "tests/metrics/point_list.h"

namespace {

void Check(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

// First byte: which format. The rest is a body, shown twice.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, size_t size) {
  using namespace qalam::metrics;
  if (size == 0) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  ScrapedMetrics metrics = *ScrapedMetrics::Create({"a", "a{b=\"c\"}"});
  PointList list;
  metrics.Read(body, (data[0] & 1) != 0, absl::FromUnixSeconds(1), list);
  const size_t points = list.points.size();
  metrics.Read(body, (data[0] & 1) != 0, absl::FromUnixSeconds(2), list);
  Check(list.points.size() == points);
  metrics.Finish(list);
  Check(list.points.size() <= 2);
  for (const MetricPoint& point : list.points) {
    Check(IsValidUtf8(point.value) && !point.value.empty());
    Check(NormalizeRfc3339(point.time_stamp) == point.time_stamp);
  }
  CollectionSummary summary;
  metrics.Describe(summary);
  Check(IsValidUtf8(summary.evidence));
  if (const auto selector = ReadSelector(body)) Check(!selector->name.empty());
  return 0;
}
