// Points in lines of text.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "metrics/collector.h"
#include "metrics/output_tail.h"
#include "metrics/point_format.h"

namespace qalam::metrics {

/// Any collector's lines. The last lines are those of all streams as they were read.
class LineFormat final : public PointFormat {
 public:
  explicit LineFormat(std::unique_ptr<Collector> collector);

  std::unique_ptr<PointStream> Open(std::string_view file) override;
  void Finish(PointReceiver&) override {}
  void Describe(CollectionSummary& summary) const override;

 private:
  class Stream;

  bool OnLine(const Line& line, PointReceiver& receiver);

  std::unique_ptr<Collector> collector_;
  OutputTail tail_;
  std::vector<MetricPoint> points_;  // of the current line; kept for its memory
  std::int64_t bytes_ = 0, lines_ = 0, invalid_lines_ = 0;
};

}  // namespace qalam::metrics
