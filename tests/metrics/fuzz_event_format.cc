// Any bytes as an event file, divided in any way; and any bytes as the data of its records.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "metrics/event_format.h"
#include "metrics/timestamps.h"
#include "metrics/utf8.h"
#include "tests/metrics/event_bytes.h"
#include "tests/metrics/point_list.h"

namespace {

using namespace qalam::metrics;

void Check(bool condition) {
  if (!condition) std::abort();
}

struct Read {
  std::vector<MetricPoint> points;
  std::string evidence;
  std::int64_t records = 0, invalid = 0;
  bool operator==(const Read&) const = default;
};

Read ReadAll(std::string_view bytes, size_t piece) {
  EventFormat format({"loss", "a/b"});
  PointList list;
  const auto stream = format.Open("/logs/a/events");
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
    stream->Feed(bytes.substr(0, piece), list);
  }
  stream->End(list);
  format.Finish(list);
  CollectionSummary summary;
  format.Describe(summary);
  return {list.points, summary.evidence, summary.lines, summary.invalid_lines};
}

}  // namespace

// First byte: whether the rest is the file or one record of it, and the size of the pieces.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, size_t size) {
  if (size == 0) return 0;
  std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if ((data[0] & 1) != 0) bytes = event_bytes::Record(bytes) + event_bytes::Scalar(1, "loss", 1);
  const Read whole = ReadAll(bytes, bytes.size() + 1);
  Check(ReadAll(bytes, 1u + (data[0] >> 1)) == whole);
  Check((data[0] & 1) == 0 || whole.records == 2);
  Check(IsValidUtf8(whole.evidence));
  for (const MetricPoint& point : whole.points) {
    Check(point.name == "loss" || point.name == "a/b");
    Check(IsValidUtf8(point.value) && !point.value.empty());
    Check(NormalizeRfc3339(point.time_stamp) == point.time_stamp);
  }
  return 0;
}
