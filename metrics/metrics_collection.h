// Reads what running trials report, as it is written, and sends it to the observation log.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "api/trial.h"
#include "base/status.h"

namespace qalam::metrics {

/// One reported value. `value` is the text as the program wrote it.
struct MetricPoint {
  std::string time_stamp;  // RFC 3339; "0001-01-01T00:00:00Z" when the line carries none
  std::string name, value;
  bool operator==(const MetricPoint&) const = default;
};

/// Takes batches of points for a trial; `done` is called on the event loop once they are stored (or not). `batch` is the
/// number of the batch: no other of this process has it, and a batch that is sent again keeps it.
using ReportSink =
    std::function<void(const std::string& trial_key, std::uint64_t batch, std::vector<MetricPoint> points,
                       std::function<void(absl::Status)> done)>;

struct CollectionRequest {
  std::string trial_key;  // key of the trial in the observation log
  std::string log_file;   // output of the primary container
  std::int64_t log_offset = 0;
  std::string metrics_file;        // for the File collector
  std::string metrics_directory;   // for TensorFlowEvent, and File with several files; absolute
  std::int32_t metrics_port = 0;   // for PrometheusMetric: where the trial's program listens
  std::string collector_log_file;  // for the Custom collector: its output
  std::int64_t collector_log_offset = 0;
  api::ObjectiveSpec objective;
  api::MetricsCollectorSpec collector;  // defaulted
  bool watch_at_once = false;           // the point handler hears of a value a moment after it is written
};

/// Counts of what a collection saw; for messages when metrics are missing.
struct CollectionSummary {
  std::int64_t bytes = 0, lines = 0, points = 0;  // lines, or records, or samples
  std::int64_t invalid_lines = 0;                 // invalid UTF-8, not JSON, longer than the limit, corrupt
  std::string filter;                             // the expression that was used
  std::vector<std::string> last_lines;            // at most 50
  std::string evidence;               // of sources other than text, what was there to choose from, in words
  std::int64_t reports = 0;           // calls of Add for Push and Custom, whose points count too
  std::vector<std::string> reported;  // names of the metrics that came that way, at most 10
  std::vector<std::string>
      collector_last_lines;  // of Custom, whose other counts are of the collector's output, too
};

/// Threads: all functions on the event loop's thread.
class MetricsCollection {
 public:
  using PointHandler = std::function<void(const std::string& trial_key, const MetricPoint&)>;

  virtual ~MetricsCollection() = default;

  /// Follows the trial's output from now on. A key that is already followed is left alone.
  virtual absl::Status Start(const CollectionRequest& request) = 0;

  /// The program has ended: reads to the end of the file, reports the rest (and one row "unavailable" when
  /// the objective never appeared), then calls `done` once everything is acknowledged by the observation log.
  /// Reports that fail are tried again with back-off until `Cancel`. A key that is not followed: OK at once.
  virtual void Finish(const std::string& trial_key,
                      std::function<void(absl::StatusOr<CollectionSummary>)> done) = 0;

  /// Points of a followed trial that have come another way and are in the observation log already; for the handler and
  /// the summary. Ignored for a key that is not followed.
  virtual void Add(const std::string& trial_key, const std::vector<MetricPoint>& points) = 0;

  /// Stops following and forgets; a pending Finish is answered CANCELLED.
  virtual void Cancel(const std::string& trial_key) = 0;

  /// Called for every point as it is read; for live views and stopping rules.
  virtual void SetPointHandler(PointHandler handler) = 0;
};

}  // namespace qalam::metrics
