// Where the points of one trial come from.
#pragma once

#include <functional>
#include <memory>

#include "absl/functional/any_invocable.h"
#include "base/status.h"
#include "metrics/metrics_collection.h"

namespace qalam::metrics {

/// Takes what a source reads. It outlives the source.
class PointReceiver {
 public:
  virtual ~PointReceiver() = default;

  /// A point, in the order of reading. False: nothing is wanted any more, and the source was stopped.
  virtual bool OnPoint(MetricPoint point) = 0;

  /// What was at hand has been read; the moment to send points on, and to pause the source.
  virtual void OnRead() = 0;
};

/// Costs nothing until Start or Drain.
///
/// Threads: the loop's. The receiver is called from tasks of the loop, never from inside a function here, and
/// may call any function here.
class PointSource {
 public:
  virtual ~PointSource() = default;

  /// Reads what is there and then whatever comes. Later calls change nothing.
  virtual void Start() = 0;

  /// Nothing is read between Pause and Resume; a Drain waits too.
  virtual void Pause() = 0;
  virtual void Resume() = 0;

  /// The program has ended: reads what it left, all of it, then calls `done`. OK: everything was read; otherwise
  /// what was not, in words for people. With or without Start; called once.
  virtual void Drain(std::function<void(absl::Status)> done) = 0;

  /// The receiver is not called again, nor is a Drain answered.
  virtual void Stop() = 0;

  /// Fills in everything but the number of points.
  virtual void Describe(CollectionSummary& summary) const = 0;
};

/// Called once.
using PointSourceFactory = absl::AnyInvocable<std::unique_ptr<PointSource>(PointReceiver&)>;

}  // namespace qalam::metrics
