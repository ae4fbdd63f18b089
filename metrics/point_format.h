// What turns bytes into points.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "metrics/point_source.h"

namespace qalam::metrics {

/// The bytes of one file or pipe, in order.
class PointStream {
 public:
  virtual ~PointStream() = default;

  /// Gives the points of whatever is complete now. How the bytes are divided over the calls makes no
  /// difference. Returns early, and is not called again, once the receiver wants nothing more.
  virtual void Feed(std::string_view bytes, PointReceiver& receiver) = 0;

  /// The stream has ended, or starts over: what is unfinished is read if it can be. Afterwards all is as at
  /// first.
  virtual void End(PointReceiver& receiver) = 0;
};

/// One format with its wanted metrics; its streams share counts and memories, and do not outlive it.
///
/// Threads: one at a time.
class PointFormat {
 public:
  virtual ~PointFormat() = default;

  /// `file`: the path that is read; empty without one.
  virtual std::unique_ptr<PointStream> Open(std::string_view file) = 0;

  /// The program has ended and every stream too: points that had to wait for that.
  virtual void Finish(PointReceiver& receiver) = 0;

  virtual void Describe(CollectionSummary& summary) const = 0;
};

}  // namespace qalam::metrics
