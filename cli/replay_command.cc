#include "cli/replay_command.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "api/trial_facts.h"
#include "cli/exit_code.h"
#include "cli/lookup.h"
#include "cli/recorded_trials.h"
#include "cli/replay_output.h"
#include "cli/resource_facts.h"
#include "server/remote_algorithm.h"

namespace qalam::cli {
namespace {

absl::StatusOr<bench::SearchReplay> Search(const ReplayOptions& options, const api::Experiment& experiment,
                                           const algorithms::SearchSpace& space,
                                           const std::vector<TrialPtr>& trials) {
  QALAM_ASSIGN_OR_RETURN(const std::vector<bench::Optimizer> optimizers,
                         bench::ParseOptimizers(options.algorithms));
  const api::ObjectiveSpec& objective = *experiment.spec.objective;
  std::vector<algorithms::Point> points;
  std::vector<double> values;
  for (const TrialPtr& trial : trials) {
    if (StateOf(*trial) != TrialState::kSucceeded || !trial->status.observation) continue;
    const std::optional<double> value = api::ObjectiveValue(objective, *trial->status.observation);
    const std::optional<algorithms::Point> point = PointOf(space, *trial);
    if (!value || !std::isfinite(*value) || !point) continue;
    points.push_back(*point);
    values.push_back(*value);
  }
  return bench::ReplaySearch(space,
                             objective.type == api::ObjectiveType::kMaximize
                                 ? algorithms::Direction::kMaximize
                                 : algorithms::Direction::kMinimize,
                             points, values, optimizers,
                             {.trials = options.trials.value_or(static_cast<int>(points.size())),
                              .workers = std::max(1, experiment.spec.parallel_trial_count.value_or(1)),
                              .seeds = options.seeds});
}

absl::StatusOr<ReplayResult> Replay(const ReplayOptions& options, const api::Experiment& experiment,
                                    const ReadStore& store) {
  if (!experiment.spec.objective) return absl::FailedPreconditionError("the experiment has no objective");
  QALAM_ASSIGN_OR_RETURN(const algorithms::SearchSpace space, server::SearchSpaceOf(experiment));
  QALAM_ASSIGN_OR_RETURN(const std::vector<TrialPtr> trials, store.Trials(experiment));
  ReplayResult result{.seeds = options.seeds};
  if (!options.stop.empty()) {
    QALAM_ASSIGN_OR_RETURN(const std::vector<bench::Stopping> stoppings, bench::ParseStoppings(options.stop));
    QALAM_ASSIGN_OR_RETURN(const std::vector<bench::RecordedTrial> recorded,
                           RecordedTrials(store, space, trials));
    if (recorded.empty())
      return absl::FailedPreconditionError(
          fmt::format("experiment {} has no finished trials to replay", experiment.metadata.name));
    for (const bench::Stopping& stopping : stoppings) {
      QALAM_ASSIGN_OR_RETURN(bench::StoppingReplay replay,
                             bench::ReplayStopping(*experiment.spec.objective, space, recorded, stopping));
      result.rules.emplace_back(stopping.name, std::move(replay));
    }
  }
  if (!options.algorithms.empty()) {
    QALAM_ASSIGN_OR_RETURN(result.search, Search(options, experiment, space, trials));
  }
  return result;
}

absl::Status CheckOptions(const ReplayOptions& options) {
  if (options.format != "text" && options.format != "json") {
    return absl::InvalidArgumentError(fmt::format("-o: \"{}\" should be text or json", options.format));
  }
  if (options.stop.empty() && options.algorithms.empty()) {
    return absl::InvalidArgumentError(
        "say what to replay with: --stop RULES, --algorithm NAMES, or both; for example --stop medianstop");
  }
  if (options.seeds < 2 || options.seeds > 1000)
    return absl::InvalidArgumentError(fmt::format("--seeds: must be from 2 to 1000, got {}", options.seeds));
  if (options.trials && (*options.trials < 1 || *options.trials > 10'000))
    return absl::InvalidArgumentError(
        fmt::format("--trials: must be from 1 to 10000, got {}", *options.trials));
  return absl::OkStatus();
}

}  // namespace

int RunReplay(const ReplayOptions& options, const ReadStore& store, Streams& streams) {
  if (const absl::Status status = CheckOptions(options); !status.ok()) return ReportError(status, streams);
  const absl::StatusOr<ExperimentPtr> experiment = store.Experiment(options.namespace_name, options.name);
  if (!experiment.ok()) return ReportError(experiment.status(), streams);
  const absl::StatusOr<ReplayResult> result = Replay(options, **experiment, store);
  if (!result.ok()) return ReportError(result.status(), streams);
  if (options.format == "json") {
    streams.out << ReplayJson(**experiment, *result).dump(2) << '\n';
  } else {
    PrintReplay(*result, streams);
  }
  return ToInt(ExitCode::kOk);
}

}  // namespace qalam::cli
