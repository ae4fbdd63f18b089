// When the output of trials was written: files do not say it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "api/resource_store.h"
#include "api/trial.h"
#include "server/data_layout.h"

namespace qalam::server {

/// The file of a trial's output; empty when its names cannot be a file's: they come from clients, and must lead nowhere else.
std::string OutputFile(const DataLayout& layout, const api::Trial& trial);

/// Looks how long the outputs of running trials are. What was there before counts as written when the file was last changed.
///
/// Threads: all functions may be called concurrently. Cost: a look at a file for each running trial and Sample, and some kilobytes a trial.
class LogTimes {
 public:
  /// `store` outlives it. Errors: those of WatchFrom.
  static absl::StatusOr<std::unique_ptr<LogTimes>> Start(api::ResourceStore& store, DataLayout layout);
  ~LogTimes();

  /// To be called every second or so.
  void Sample(absl::Time now);

  /// When the byte at `offset` of the trial's output was written, at the latest and to the second.
  absl::Time TimeOf(const api::Trial& trial, std::int64_t offset) const;

  /// The first byte that may have been written at `since` or later, at the beginning of a line; the file's size when there is none.
  std::int64_t OffsetSince(const api::Trial& trial, absl::Time since) const;

 private:
  struct Mark {
    absl::Time time;
    std::int64_t size;  // of the file at that time
  };
  struct Output {
    std::string file;
    bool running = true;
    std::vector<Mark> marks;
  };

  explicit LogTimes(DataLayout layout) : layout_(std::move(layout)) {}
  void Apply(const api::WatchEvent& event);
  static void Look(Output& output, absl::Time now);
  std::vector<Mark> MarksOf(const api::Trial& trial) const;

  const DataLayout layout_;
  mutable std::mutex mutex_;
  std::map<std::string, Output> outputs_;  // by the trial's uid; of trials that have run while this is there
  std::unique_ptr<api::Watch> watch_;
};

}  // namespace qalam::server
