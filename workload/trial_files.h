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
  /// Where a metrics file of this name in the Experiment really is: the same basename in the trial's
  /// directory, with "metrics-" before it if that is one of the engine's own files. Empty for an empty path.
  std::string metrics_file(std::string_view path_in_experiment) const;

  /// Makes the directory. RESOURCE_EXHAUSTED: no space; UNAVAILABLE: anything else, with the path and the
  /// reason.
  absl::Status Prepare() const;

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

}  // namespace qalam::workload
