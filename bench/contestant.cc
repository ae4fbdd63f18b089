#include "bench/contestant.h"

#include <algorithm>
#include <utility>

#include "bench/search.h"

namespace qalam::bench {
namespace {

absl::StatusOr<RunRecord> RunAndRecord(const Optimizer& optimizer, const Problem& problem,
                                       const Stopping& stopping, const CurveRunOptions& options) {
  const double start = Seconds(CLOCK_THREAD_CPUTIME_ID);
  QALAM_ASSIGN_OR_RETURN(const CurveRun run, RunCurves(optimizer, problem, stopping, options));
  RunRecord record;
  record.seed = options.seed;
  record.batch = options.workers;
  record.mode = ModeText(options);
  record.evaluations = static_cast<int>(run.epochs);
  record.time = Rounded(run.time);
  for (const Progress& step : run.progress) {
    const double regret =
        problem.fidelity->best ? std::max(0.0, step.best - *problem.fidelity->best) : step.best;
    record.curve.push_back({static_cast<int>(step.epochs), Rounded(regret), Rounded(step.time)});
  }
  record.cpu_seconds = Seconds(CLOCK_THREAD_CPUTIME_ID) - start;
  return record;
}

}  // namespace

std::vector<Contestant> ByEvaluations(const std::vector<Optimizer>& optimizers, const RunOptions& options) {
  std::vector<Contestant> contestants;
  for (const Optimizer& optimizer : optimizers) {
    contestants.push_back({optimizer.name, [optimizer, options](const Problem& problem, std::uint64_t seed) {
                             RunOptions run = options;
                             run.seed = seed;
                             return RunOne(optimizer, problem, run);
                           }});
  }
  return contestants;
}

std::vector<Contestant> ByEpochs(const std::vector<Optimizer>& optimizers,
                                 const std::vector<Stopping>& stoppings, const CurveRunOptions& options) {
  std::vector<Contestant> contestants;
  for (const Optimizer& optimizer : optimizers) {
    for (const Stopping& stopping : stoppings) {
      const bool plain = stopping.algorithm.empty();
      if (!plain && optimizer.takes_resource) continue;
      contestants.push_back({plain ? optimizer.name : optimizer.name + "+" + stopping.name,
                             [optimizer, stopping, options](const Problem& problem, std::uint64_t seed) {
                               CurveRunOptions run = options;
                               run.seed = seed;
                               return RunAndRecord(optimizer, problem, stopping, run);
                             }});
    }
  }
  return contestants;
}

std::string ModeText(const CurveRunOptions& options) { return options.from_scratch ? "scratch" : "epochs"; }

}  // namespace qalam::bench
