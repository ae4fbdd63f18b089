// Reads a whole output through a collector, divided into pieces of a chosen size.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <string_view>
#include <vector>

#include "metrics/collector.h"

namespace qalam::metrics {

inline void PrintTo(const MetricPoint& point, std::ostream* out) {
  *out << testing::PrintToString(point.time_stamp) << " " << testing::PrintToString(point.name) << "="
       << testing::PrintToString(point.value);
}

struct ReadResult {
  std::vector<MetricPoint> points;
  int lines = 0, invalid = 0;
  bool operator==(const ReadResult&) const = default;
};

inline ReadResult ReadAll(Collector& collector, std::string_view output,
                          size_t piece = std::string_view::npos) {
  ReadResult result;
  LineSplitter splitter;
  const auto read = [&](const Line& line) {
    ++result.lines;
    if (!collector.Read(line, result.points)) ++result.invalid;
  };
  while (!output.empty()) {
    const size_t size = std::min(piece, output.size());
    splitter.Feed(output.substr(0, size));
    while (const auto line = splitter.Next()) read(*line);
    output.remove_prefix(size);
  }
  if (const auto line = splitter.Finish()) read(*line);
  return result;
}

}  // namespace qalam::metrics
