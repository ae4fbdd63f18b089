// What a trial has on disk, and the paths in its specification that must point there. Internal to this room.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "workload/run_plan.h"
#include "workload/trial_engine.h"

namespace qalam::workload {

/// `<root>/<namespace>/<experiment>/<trial>`.
class TrialFiles {
 public:
  /// INVALID_ARGUMENT: a name that is empty, "." or "..", or contains '/'. `root` is absolute.
  static absl::StatusOr<TrialFiles> Create(std::string_view root, const TrialRef& trial,
                                           std::string_view experiment);

  const std::string& directory() const { return directory_; }
  std::string log_file() const { return directory_ + "/output.log"; }
  std::string container_log_file(std::string_view container) const;
  /// Where a metrics file or directory of this name in the Experiment really is: the same basename in the trial's
  /// directory, with "metrics-" before it if that is one of the engine's own files. Empty for an empty path.
  std::string metrics_path(std::string_view path_in_experiment) const;

  std::string checkpoint_directory() const { return directory_ + "/checkpoint"; }
  /// Where Python packages are installed that the trial asks for.
  std::string packages_directory() const { return directory_ + "/packages"; }

  /// Makes the directory. RESOURCE_EXHAUSTED: no space; UNAVAILABLE: anything else, with the path and the
  /// reason.
  absl::Status Prepare() const;

  /// Makes the checkpoint directory, empty, unless it is there. The trial's directory is. Errors are those of Prepare.
  absl::Status PrepareCheckpoint() const;

  /// Removes the checkpoint directory, and what a copy that was broken off has left.
  absl::Status DeleteCheckpoint() const;

  /// Makes the metrics directory `path`, empty, whatever was there before. Errors are those of Prepare;
  /// INVALID_ARGUMENT: it is not inside the trial's directory.
  absl::Status PrepareEmpty(const std::string& path) const;

  /// Removes the directory with all it holds, and the experiment's and namespace's when they are empty then.
  absl::Status Delete() const;

 private:
  std::string directory_;
};

/// Bytes in a file; 0 when there is none.
std::int64_t FileSize(const std::string& file);

/// Replaces every occurrence of `path` in the plan's commands and variables by `replacement`. An occurrence
/// is a whole path: "/a/m.log" is found in "--log=/a/m.log" and "/a/m.log;", not in "/x/a/m.log" or
/// "/a/m.log.old".
void ReplacePath(RunPlan& plan, std::string_view path, std::string_view replacement);

/// Likewise of a directory, which is also found at the beginning of a path: "/logs" in "--dir=/logs/train". A relative
/// one is not found before an equals sign, where its name is that of an option.
void ReplaceDirectory(RunPlan& plan, std::string_view path, std::string_view replacement);

/// Replaces `port` by `replacement` in the plan's commands and variables: where a word or value is the port, or ends
/// with it after '=' or ':', as in "--port=8080" and "127.0.0.1:8080".
void ReplacePort(RunPlan& plan, int port, int replacement);

}  // namespace qalam::workload
