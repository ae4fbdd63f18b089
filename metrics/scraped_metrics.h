// Points in what a Prometheus endpoint shows from time to time.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "metrics/exposition.h"
#include "metrics/point_source.h"

namespace qalam::metrics {

/// A metric gives a point when exactly one sample is selected by its name (SampleSelector) and that says something
/// new: another timestamp, where samples carry them, otherwise another value. A point without a timestamp has the time
/// of the scrape.
///
/// Clients show 0 for what was never set. A first value of 0 without a timestamp therefore waits: it counts
/// when it is still there at the end.
class ScrapedMetrics {
 public:
  /// INVALID_ARGUMENT: a name that is no selector.
  static absl::StatusOr<ScrapedMetrics> Create(const std::vector<std::string>& wanted);

  /// What one scrape has shown. `open_metrics`: timestamps are in seconds, not in milliseconds.
  void Read(std::string_view body, bool open_metrics, absl::Time now, PointReceiver& receiver);

  /// The last scrape has been read.
  void Finish(PointReceiver& receiver);

  void Describe(CollectionSummary& summary) const;

 private:
  struct Wanted {
    std::string name;
    SampleSelector selector;
    std::string value, timestamp;  // of the last sample, as written
    bool seen = false;
    std::vector<MetricPoint> first_zero;  // at most one
    size_t matches = 0;                   // in the last scrape
  };
  struct Found {
    std::string value, timestamp;
    size_t matches = 0;
  };

  bool Report(Wanted& metric, const Found& found, bool open_metrics, absl::Time now, PointReceiver& receiver);

  std::vector<Wanted> wanted_;
  std::set<std::string, std::less<>> names_;  // seen; not all if there are many
  std::int64_t bytes_ = 0, samples_ = 0, bad_lines_ = 0;
};

}  // namespace qalam::metrics
