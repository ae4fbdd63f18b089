// Points of one trial on their way to the observation log: in order, in batches, until they are there.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/event_loop.h"
#include "base/status.h"
#include "metrics/metrics_collection.h"

namespace qalam::metrics {

struct ReportOptions {
  size_t max_batch_points = 5'000;                       // in one report, at most
  size_t max_batch_bytes = size_t{1} << 20;              // likewise, roughly; gRPC's limit is 4 MiB
  size_t full_points = 10'000;                           // from here on the producer should wait
  size_t full_bytes = size_t{4} << 20;                   // likewise
  absl::Duration first_retry = absl::Milliseconds(100);  // doubles with each failure of the same batch
  absl::Duration last_retry = absl::Seconds(10);
};

/// One report is under way at a time. A report that fails is sent again, the same points, after a pause,
/// until it succeeds; only INVALID_ARGUMENT is taken as final: that batch is given up and `rejected` says
/// why.
///
/// Threads: the loop's. After Stop, or once destroyed, answers that still come are ignored.
class ReportQueue {
 public:
  /// `on_progress` is called from a task of the loop after each report that is done with, success or not
  /// worth repeating; it may call anything here except the destructor. `loop` and `sink` outlive the queue.
  ReportQueue(EventLoop& loop, const ReportSink& sink, std::string trial_key, const ReportOptions& options,
              std::function<void()> on_progress);
  ~ReportQueue();
  ReportQueue(const ReportQueue&) = delete;
  ReportQueue& operator=(const ReportQueue&) = delete;

  void Add(MetricPoint point);

  /// Sends the oldest points, unless a report is under way or there are none.
  void Flush();

  /// Forgets the points of which no report was sent yet.
  void DropUnsent();

  /// No report and no retry from here on.
  void Stop();

  size_t waiting() const { return waiting_.size(); }  // points not in the report under way
  bool idle() const { return waiting_.empty() && under_way_.empty(); }
  bool busy() const { return !under_way_.empty(); }
  bool full() const {
    return waiting_.size() >= options_.full_points || waiting_bytes_ >= options_.full_bytes;
  }
  const absl::Status& rejected() const { return rejected_; }  // the first refusal; OK without one

 private:
  void Send();
  void OnAnswer(absl::Status status);

  EventLoop& loop_;
  const ReportSink& sink_;
  const std::string trial_key_;
  const ReportOptions options_;
  const std::function<void()> on_progress_;
  std::deque<MetricPoint> waiting_;
  size_t waiting_bytes_ = 0;
  std::vector<MetricPoint> under_way_;
  std::uint64_t batch_ = 0;  // the number of what is under way
  absl::Duration pause_;
  EventLoop::TimerId retry_timer_ = 0;
  absl::Status rejected_;
  bool stopped_ = false;
  std::shared_ptr<int> attempt_;  // replaced with every report, so that only the latest one's answer counts
};

}  // namespace qalam::metrics
