// Which source and which format an Experiment's collector asks for.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/asio_event_loop.h"
#include "metrics/file_watcher.h"
#include "metrics/metrics_collection.h"
#include "metrics/point_format.h"
#include "metrics/point_source.h"
#include "metrics/text_filters.h"

namespace qalam::metrics {

/// LocalMetricsCollection lists kinds and errors. Compiled filters are kept and shared.
///
/// Threads: the loop's.
class SourceChoice {
 public:
  SourceChoice(AsioEventLoop& loop, const FileWatcherOptions& watch, absl::Duration scrape_interval);

  /// Null where nothing is to be read.
  absl::StatusOr<PointSourceFactory> For(const CollectionRequest& request);

  /// What StdOut reads.
  absl::StatusOr<std::unique_ptr<PointFormat>> TextFormat(const CollectionRequest& request);

 private:
  absl::StatusOr<PointSourceFactory> StdOut(const CollectionRequest& request);
  absl::StatusOr<PointSourceFactory> Custom(const CollectionRequest& request);
  absl::StatusOr<PointSourceFactory> File(const CollectionRequest& request);
  absl::StatusOr<PointSourceFactory> Events(const CollectionRequest& request);
  absl::StatusOr<PointSourceFactory> Scrapes(const CollectionRequest& request);

  AsioEventLoop& loop_;
  const std::shared_ptr<FileWatcher> watcher_;
  const absl::Duration scrape_interval_;
  std::map<std::vector<std::string>, std::shared_ptr<const TextFilters>> filters_;
};

}  // namespace qalam::metrics
