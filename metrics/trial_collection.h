// Everything about one trial whose output is being collected.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/event_loop.h"
#include "metrics/metrics_collection.h"
#include "metrics/point_source.h"
#include "metrics/report_queue.h"

namespace qalam::metrics {

/// What the trials of one LocalMetricsCollection share.
struct CollectionContext {
  EventLoop& loop;
  const ReportSink& sink;
  const MetricsCollection::PointHandler& point_handler;
  ReportOptions report;
  size_t batch_points;             // sent without waiting for the next Tick
  std::function<void()> arm_tick;  // asks for a call of Tick within the batch interval
};

/// Source -> points -> reports. Reading pauses while the reports do not keep up.
///
/// Threads: the loop's. Held by shared_ptr, and stopped or quiesced before its owner lets go of it.
class TrialCollection final : private PointReceiver, public std::enable_shared_from_this<TrialCollection> {
 public:
  using FinishHandler = std::function<void(absl::StatusOr<CollectionSummary>)>;

  TrialCollection(const CollectionContext& context, const CollectionRequest& request,
                  PointSourceFactory source);

  /// Begins to read.
  void Start();

  /// Begins to read if that was not done yet, and sends what has gathered.
  void Tick();

  /// The observation log has the objective already: its absence from the source is nothing to report.
  void ObjectiveWasReported() { objective_seen_ = true; }

  /// See MetricsCollection::Finish. `on_complete` is called once, when there is nothing left to do.
  void Finish(FinishHandler done, std::function<void()> on_complete);

  /// Nothing is read, reported or called any more, except that pending Finish handlers get `answer` from a
  /// task of the loop. May be called from inside any callback.
  void Stop(const absl::StatusOr<CollectionSummary>& answer);

  /// Like Stop, but nobody is answered; for the end of the program.
  void Quiesce();

 private:
  bool OnPoint(MetricPoint point) override;
  void OnRead() override;
  void OnDrained(absl::Status status);
  void OnProgress();
  absl::StatusOr<CollectionSummary> Result();

  const CollectionContext& context_;
  const std::string key_, objective_;
  const std::string log_file_;  // of the program, where its output is not what the source reads
  const std::int64_t log_offset_;
  ReportQueue queue_;
  std::unique_ptr<PointSource> source_;
  std::int64_t points_ = 0;
  std::string read_error_;
  bool drained_ = false, paused_ = false, stopped_ = false;
  bool objective_seen_ = false;
  std::vector<FinishHandler> finish_handlers_;
  std::function<void()> on_complete_;
};

}  // namespace qalam::metrics
