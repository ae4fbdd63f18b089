#include "cli/bench_flags.h"

#include <CLI/CLI.hpp>

namespace qalam::cli {

void AddBenchFlags(CLI::App& command, bench::CommandOptions& options) {
  const auto repeatable = [&](const char* flag, std::vector<std::string>& into, const char* help) {
    command.add_option(flag, into, help)->allow_extra_args(false);
  };
  command.add_option("--algorithms", options.algorithms, "What to measure: random,cmaes(sigma=0.3)");
  repeatable("--problems", options.problems, "Names of problems and groups; suite unless given");
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
  repeatable("--compare", options.compare, "Results of others to set beside, .csv, .csv.gz or .jsonl");
}

}  // namespace qalam::cli
