// MetricsCollection for output in files that this machine can read.
#pragma once

#include <memory>

#include "base/asio_event_loop.h"
#include "metrics/fed_source.h"
#include "metrics/file_watcher.h"
#include "metrics/metrics_collection.h"
#include "metrics/report_queue.h"

namespace qalam::metrics {

struct LocalMetricsOptions {
  absl::Duration batch_interval = absl::Milliseconds(100);  // a running trial reports at most this often, and
  size_t batch_points = 500;                                // at once when this many points have gathered
  ReportOptions report;
  FileWatcherOptions watch;
  absl::Duration scrape_interval = absl::Seconds(1);
};

/// Collector kinds
///   StdOut            `log_file` from `log_offset`, as text.
///   File              `metrics_file` from its beginning, or the files of `metrics_directory` that match the pattern of
///                     source.fileSystemPath (FileSetSource), as text or JSON by its format.
///   TensorFlowEvent   files below `metrics_directory` whose names hold "tfevents" (EventFormat).
///   PrometheusMetric  http://127.0.0.1:metrics_port with the path of source.httpGet, or its host and port if that is
///                     another machine, every scrape_interval (ScrapedMetrics).
///   Custom            `collector_log_file` from its offset, as text; and what is given to Add.
///   Push              what is given to Add; Finish reports nothing.
///   None              nothing is read; Finish reports nothing and answers an empty summary.
/// Start returns INVALID_ARGUMENT for an unknown kind or format, a filter that is no expression, or a missing
/// key, objective, file name, directory or port; the message names the field.
///
/// Finish never calls `done` from inside itself. When the objective never appeared, what has not been sent
/// yet is dropped and one row {objective, "unavailable", zero time} is sent. Points read after Finish was
/// called are held back until the end of the file (up to ReportOptions::full_points), so a trial that ends
/// before its first batch reports that row alone, as Katib does; additional metrics of a longer trial may
/// have been reported before. A batch that the sink refuses with INVALID_ARGUMENT is given up; the rest is
/// sent and Finish then answers that status. A file that is missing or cannot be read counts as empty; the
/// last of `last_lines` then says so, beginning with "qalam: ".
///
/// Restarted output: a file that is truncated or replaced is read again from byte 0, and its points are
/// reported again.
///
/// Cost: a trial that ends within batch_interval is not watched at all, unless watch_at_once asks for it: its file is opened once, read, and
/// its points go out in one report. A watched one holds a descriptor, its unfinished line (1 MiB at most), 64
/// KiB of its last output and its unsent points (full_points, and those of one 256 KiB read). Nothing is
/// pending in the loop while no trial is followed.
///
/// Destroying it leaves pending Finish calls unanswered.
class LocalMetricsCollection final : public MetricsCollection {
 public:
  /// `loop` outlives the collection.
  LocalMetricsCollection(AsioEventLoop& loop, ReportSink sink, const LocalMetricsOptions& options = {});
  ~LocalMetricsCollection() override;

  absl::Status Start(const CollectionRequest& request) override;

  /// Like Start with the StdOut collector, for bytes that the caller reads and feeds, up to Finish or Cancel; only
  /// until then may the source be used. The request's files do not matter. ALREADY_EXISTS: the key is followed.
  absl::StatusOr<FedSource*> StartFed(const CollectionRequest& request);

  void Finish(const std::string& trial_key,
              std::function<void(absl::StatusOr<CollectionSummary>)> done) override;
  void Add(const std::string& trial_key, const std::vector<MetricPoint>& points) override;
  void Cancel(const std::string& trial_key) override;
  void SetPointHandler(PointHandler handler) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace qalam::metrics
