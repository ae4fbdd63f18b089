#include <fmt/format.h>

#include "cli/exit_code.h"
#include "cli/follow_file.h"
#include "cli/lookup.h"
#include "cli/read_commands.h"
#include "cli/resource_facts.h"
#include "cli/text_width.h"

namespace qalam::cli {

int RunLogs(const LogsOptions& options, const ReadStore& store, Streams& streams) {
  const Target target = ReadTarget(options.target, "");
  if (target.experiment.empty() || target.trial.empty()) {
    return ReportError(absl::InvalidArgumentError(fmt::format(
                           "say whose logs as NAME/TRIAL, got \"{}\"; list the trials with: qalam show NAME",
                           Printable(options.target, true))),
                       streams);
  }
  const absl::StatusOr<ExperimentPtr> experiment =
      store.Experiment(options.namespace_name, target.experiment);
  if (!experiment.ok()) return ReportError(experiment.status(), streams);
  const absl::StatusOr<TrialPtr> trial = FindTrial(store, **experiment, target.trial);
  if (!trial.ok()) return ReportError(trial.status(), streams);
  const absl::StatusOr<TrialFiles> files = store.Files(**trial);
  if (!files.ok()) return ReportError(files.status(), streams);

  FollowOptions follow{.finished = {}, .stop_fd = options.stop_fd};
  if (options.follow) {
    follow.finished = [&] {
      const absl::StatusOr<TrialPtr> now = store.Trial(**experiment, (*trial)->metadata.name);
      // A store that is busy for a moment is asked again; a trial that is gone writes no more.
      if (!now.ok()) return absl::IsNotFound(now.status());
      return IsFinished(StateOf(**now));
    };
  }
  const absl::Status status = FollowFile(
      files->log_file,
      [&](std::string_view bytes) {
        streams.out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        streams.out.flush();
      },
      follow);
  return status.ok() ? ToInt(ExitCode::kOk) : ReportError(status, streams);
}

}  // namespace qalam::cli
