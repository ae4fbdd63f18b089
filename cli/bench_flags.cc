#include "cli/bench_flags.h"

#include <CLI/CLI.hpp>

namespace qalam::cli {

void AddBenchFlags(CLI::App& command, bench::CommandOptions& options) {
  const auto repeatable = [&](const char* flag, std::vector<std::string>& into, const char* help) {
    command.add_option(flag, into, help)->allow_extra_args(false);
  };
  command.add_option("--algorithms", options.algorithms, "What to measure: random,cmaes(sigma=0.3), or all");
  repeatable("--problems", options.problems, "Names of problems and groups; suite unless given");
  repeatable("--table", options.tables, "FILE.csv of recorded results, a problem of your own");
  command.add_option("--stop", options.stop,
                     "Measure early-stopping rules instead: medianstop,patience(patience=3)");
  command.add_option("--epochs", options.epochs,
                     "Count epochs instead of evaluations: so many a run, on problems with learning curves");
  command.add_flag("--from-scratch", options.from_scratch,
                   "There, promoted trials begin again and do not go on from a checkpoint");
  command.add_option("--reference", options.reference, "Report how soon others are where this one ends");
  command.add_flag("--latency", options.latency, "Measure the time of one suggestion instead");
  command.add_option("--latency-trials", options.latency_trials, "Finished trials while it is measured")
      ->capture_default_str();
  command.add_flag("--list", options.list, "List the problems there are");
  command.add_option("--seeds", options.seeds, "One run for each: 0-9, or 1,4,7")->capture_default_str();
  command.add_option("--budget", options.budget, "Evaluations of a run")->capture_default_str();
  command.add_option("--batch", options.batch, "Parallel workers")->capture_default_str();
  command.add_option("--batch-mode", options.batch_mode, "async, or sync: workers wait for each other")
      ->capture_default_str();
  command.add_option("--shift-seed", options.shift_seed, "Move every optimum to random places");
  command.add_option("--threads", options.threads, "Runs at the same time; one per processor unless given");
  command.add_option("-o,--output", options.output,
                     "File of results, resumed; CSV, or JSON lines for .jsonl");
  command.add_option("--report", options.report, "Folder for REPORT.md and report.html");
  command.add_option("--target-regret", options.target_regret, "Report how soon runs got to this regret");
  repeatable("--compare", options.compare, "Results of others to set beside, .csv, .csv.gz or .jsonl");
}

}  // namespace qalam::cli
