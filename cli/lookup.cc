#include "cli/lookup.h"

#include <fmt/format.h>

#include "cli/exit_code.h"
#include "cli/text_width.h"

namespace qalam::cli {

int ReportError(const absl::Status& status, Streams& streams) {
  const std::string message(status.message());
  streams.err << "qalam: "
              << (message.empty() ? std::string(absl::StatusCodeToString(status.code())) : message) << '\n';
  return ToInt(ExitCodeFor(status));
}

Target ReadTarget(const std::string& name, const std::string& trial) {
  const size_t slash = name.find('/');
  if (slash == std::string::npos || !trial.empty()) return {name, trial};
  return {name.substr(0, slash), name.substr(slash + 1)};
}

absl::StatusOr<TrialPtr> FindTrial(const ReadStore& store, const api::Experiment& experiment,
                                   std::string_view name) {
  for (const std::string& candidate :
       {std::string(name), fmt::format("{}-{}", experiment.metadata.name, name)}) {
    absl::StatusOr<TrialPtr> trial = store.Trial(experiment, candidate);
    if (trial.ok() || !absl::IsNotFound(trial.status())) return trial;
  }
  QALAM_ASSIGN_OR_RETURN(const std::vector<TrialPtr> trials, store.Trials(experiment));
  std::string hint = "it has no trials yet";
  if (!trials.empty()) {
    hint =
        fmt::format("it has {} trial{}, for example {}; list them with: qalam show {}", trials.size(),
                    trials.size() == 1 ? "" : "s", trials.front()->metadata.name, experiment.metadata.name);
  }
  return absl::NotFoundError(fmt::format("experiment {} has no trial \"{}\": {}", experiment.metadata.name,
                                         Printable(name, true), hint));
}

}  // namespace qalam::cli
