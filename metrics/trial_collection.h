// Everything about one trial whose output is being collected.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "metrics/collector.h"
#include "metrics/file_follower.h"
#include "metrics/line_splitter.h"
#include "metrics/metrics_collection.h"
#include "metrics/output_tail.h"
#include "metrics/report_queue.h"

namespace qalam::metrics {

/// What the trials of one LocalMetricsCollection share.
struct CollectionContext {
  EventLoop& loop;
  std::shared_ptr<FileWatcher> watcher;
  const ReportSink& sink;
  const MetricsCollection::PointHandler& point_handler;
  ReportOptions report;
  size_t batch_points;             // sent without waiting for the next Tick
  std::function<void()> arm_tick;  // asks for a call of Tick within the batch interval
};

/// File -> lines -> points -> reports. Reading pauses while the reports do not keep up.
///
/// Threads: the loop's. Held by shared_ptr, and stopped or quiesced before its owner lets go of it.
class TrialCollection : public std::enable_shared_from_this<TrialCollection> {
 public:
  using FinishHandler = std::function<void(absl::StatusOr<CollectionSummary>)>;

  TrialCollection(const CollectionContext& context, std::string trial_key, std::string objective,
                  std::string file, std::int64_t offset, std::unique_ptr<Collector> collector);

  /// Begins to follow the file if that was not done yet, and sends what has gathered.
  void Tick();

  /// See MetricsCollection::Finish. `on_complete` is called once, when there is nothing left to do.
  void Finish(FinishHandler done, std::function<void()> on_complete);

  /// Nothing is read, reported or called any more, except that pending Finish handlers get `answer` from a
  /// task of the loop. May be called from inside any callback.
  void Stop(const absl::StatusOr<CollectionSummary>& answer);

  /// Like Stop, but nobody is answered; for the end of the program.
  void Quiesce();

 private:
  void OnBytes(std::string_view bytes);
  void EndLine();
  void OnLine(const Line& line);
  void OnDrained(absl::Status status);
  void OnProgress();
  void SendOrWait();
  absl::StatusOr<CollectionSummary> Result();

  const CollectionContext& context_;
  const std::string key_, objective_;
  std::unique_ptr<Collector> collector_;
  LineSplitter splitter_;
  OutputTail tail_;
  FileFollower follower_;
  ReportQueue queue_;
  std::vector<MetricPoint> points_;  // of the current line; kept for its memory
  CollectionSummary summary_;
  std::string read_error_;
  bool following_ = false, drained_ = false, paused_ = false, stopped_ = false;
  bool objective_seen_ = false;
  std::vector<FinishHandler> finish_handlers_;
  std::function<void()> on_complete_;
};

}  // namespace qalam::metrics
