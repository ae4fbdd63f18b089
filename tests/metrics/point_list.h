// A receiver that keeps what it gets.
#pragma once

#include <utility>
#include <vector>

#include "metrics/point_source.h"

namespace qalam::metrics {

struct PointList final : PointReceiver {
  bool OnPoint(MetricPoint point) override {
    points.push_back(std::move(point));
    return points.size() < limit;
  }
  void OnRead() override { ++reads; }

  std::vector<MetricPoint> points;
  size_t limit = static_cast<size_t>(-1);  // after which nothing more is wanted
  int reads = 0;
};

}  // namespace qalam::metrics
