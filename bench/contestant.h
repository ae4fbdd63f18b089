// What a campaign compares: ways to run a problem, each under its name.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "bench/curve_run.h"
#include "bench/optimizer.h"
#include "bench/problem.h"
#include "bench/run.h"
#include "bench/run_record.h"
#include "bench/stopping.h"

namespace qalam::bench {

struct Contestant {
  std::string name;  // as results are labelled
  /// May be called from several threads. The names in the record are the campaign's to set.
  std::function<absl::StatusOr<RunRecord>(const Problem& problem, std::uint64_t seed)> run;
};

/// One for each optimiser: RunOne with these options and the run's seed.
std::vector<Contestant> ByEvaluations(const std::vector<Optimizer>& optimizers, const RunOptions& options);

/// One for each optimiser and each way to stop, "NAME" and "NAME+STOPPING": RunCurves with these options, which have a limit of
/// epochs, and the run's seed. Optimisers that take a resource stop by themselves and are combined with no rule.
std::vector<Contestant> ByEpochs(const std::vector<Optimizer>& optimizers,
                                 const std::vector<Stopping>& stoppings, const CurveRunOptions& options);

/// RunRecord::mode of these.
std::string ModeText(const CurveRunOptions& options);

}  // namespace qalam::bench
