// `qalam bench` as a program of its own, without the rest: quick to build while working on an algorithm.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "cli/bench_flags.h"

int main(int argc, char** argv) {
  CLI::App app("Measures algorithms on problems whose best value is known.", "qalam-bench");
  qalam::bench::CommandOptions options;
  qalam::cli::AddBenchFlags(app, options);
  app.add_flag("-q,--quiet", options.quiet, "No progress");
  CLI11_PARSE(app, argc, argv);
  options.progress_in_place = isatty(STDERR_FILENO) != 0;
  int failed_runs = 0;
  const absl::Status status = qalam::bench::RunBench(options, std::cout, std::cerr, failed_runs);
  if (!status.ok()) {
    std::cerr << "qalam-bench: " << qalam::MessageOf(status) << "\n";
    return 2;
  }
  return failed_runs > 0 ? 1 : 0;
}
