// Metric values in JSON lines: Katib's JSON format.
#pragma once

#include <string>
#include <vector>

#include "metrics/collector.h"

namespace qalam::metrics {

/// One JSON object per line; its top-level keys are metric names. A string value is taken as it stands, a
/// number as it is written in the line (integers in their shortest form); values of other types give no
/// point. The last of equal keys counts. Points of a line come in the order of the wanted names.
///
/// Key `timestamp`: RFC 3339 text, or a number of Unix seconds with its fraction; otherwise kZeroTime.
///
/// Empty lines are passed over. A line that is anything but one object gives nothing and counts as invalid
/// (Katib gives up there), except that NaN, Infinity and -Infinity are understood where a value may stand, as
/// Python writes them. Bytes that are not UTF-8 are read as U+FFFD; the line counts as invalid but gives its
/// points.
class JsonCollector final : public Collector {
 public:
  explicit JsonCollector(std::vector<std::string> wanted);

  bool Read(const Line& line, std::vector<MetricPoint>& points) override;
  std::string FilterText() const override { return {}; }

 private:
  std::vector<std::string> wanted_;
};

}  // namespace qalam::metrics
