// qalam run FILE | NAME | flags -- PROGRAM...
#pragma once

#include <istream>
#include <string>
#include <vector>

#include "cli/quick_form.h"
#include "cli/session.h"
#include "cli/streams.h"

namespace qalam::cli {

struct RunOptions {
  std::string
      target;  // a file, "-" for standard input, or the name of a stored experiment; empty: the quick form
  QuickFormOptions
      quick;  // the quick form; with a file, name, max_trials, parallel and seed override what it says
  std::string timeout;   // --timeout 90s, 15m, 1h30m; empty: none
  bool dry_run = false;  // print the Experiment that would run
  bool quiet = false;
  std::string output;                  // -o json|yaml; empty: the best trial is shown in the summary only
  std::vector<std::string> arguments;  // the whole command line, for "resume with:"
  server::RuntimeOptions runtime;      // `only` is filled in here
};

/// Everything wrong with the input is reported at once (exit code 2) before anything starts.
int RunRun(RunOptions options, std::istream& input, Streams& streams);

/// What the known services say about an experiment, and the algorithms there are: for check, plan and run.
std::vector<std::string> KnownAlgorithms(const server::ServiceAddresses& services);
std::vector<std::string> KnownEarlyStoppers(const server::ServiceAddresses& services);

}  // namespace qalam::cli
