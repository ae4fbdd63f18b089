// Any bytes, divided in any way, through the splitter and the JSON format.
#include <cstdint>
#include <cstdlib>

#include "metrics/json_collector.h"
#include "metrics/timestamps.h"
#include "metrics/utf8.h"
#include "tests/metrics/read_all.h"

namespace {

void Check(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

// First byte: size of the pieces. The rest is the output.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, size_t size) {
  using namespace qalam::metrics;
  if (size == 0) return 0;
  const std::string_view output(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::vector<std::string> wanted = {"loss", "a"};
  JsonCollector collector(wanted);

  const ReadResult whole = ReadAll(collector, output);
  Check(ReadAll(collector, output, 1u + data[0]) == whole);
  Check(whole.invalid <= whole.lines);
  Check(whole.points.size() <= wanted.size() * static_cast<size_t>(whole.lines));
  for (const MetricPoint& point : whole.points) {
    Check(point.name == wanted[0] || point.name == wanted[1]);
    Check(IsValidUtf8(point.value) && point.value.size() <= kMaxTextBytes);
    Check(NormalizeRfc3339(point.time_stamp) == point.time_stamp);
  }
  return 0;
}
