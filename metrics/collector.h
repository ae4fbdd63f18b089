// What reads metric values out of lines.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "api/experiment.h"
#include "base/status.h"
#include "metrics/line_splitter.h"
#include "metrics/metrics_collection.h"

namespace qalam::metrics {

/// Values and names longer than this are cut; no number needs as much.
inline constexpr size_t kMaxTextBytes = 4096;

/// Turns lines into points. Points are valid UTF-8 whatever the line holds.
///
/// Threads: one at a time.
class Collector {
 public:
  virtual ~Collector() = default;

  /// Appends the points of one line to `points`. False if the line was not as it should be (cut, not UTF-8,
  /// not JSON); points are taken from it nonetheless where they can be.
  virtual bool Read(const Line& line, std::vector<MetricPoint>& points) = 0;

  /// The expressions in use, joined by "; "; empty when there are none.
  virtual std::string FilterText() const = 0;
};

/// The metrics an objective wants, the objective first, each once.
std::vector<std::string> WantedMetrics(const api::ObjectiveSpec& objective);

}  // namespace qalam::metrics
