// qalam suggest: what to try next, for trials that somebody else runs.
#pragma once

#include <istream>
#include <string>

#include "cli/quick_form.h"
#include "cli/streams.h"
#include "server/runtime.h"

namespace qalam::cli {

struct SuggestOptions {
  std::string file;        // -f: an Experiment, "-" for standard input; empty: the quick form
  QuickFormOptions quick;  // with a file: name, max_trials, parallel, seed and settings override what it says
  std::string history;     // --history: CSV or JSON lines, "-" for standard input; empty: no trials yet
  int count = 1;           // --count; >= 1
  std::string format = "csv";  // -o csv, json, jsonl, yaml or args
  bool headers = true;         // --no-headers turns the titles of csv off
  bool serve_lines = false;    // --serve-stdio
  server::ServiceAddresses services;
};

/// Prints suggestions for the trials after those of the history. The same input gives the same output: nothing is kept.
/// An experiment's trialTemplate may be missing; only `-o args` looks at it.
///
/// With serve_lines it answers lines of JSON from `input` until they end, see ask_tell_protocol.h.
///
/// Exit code 2 for bad input, every error of it at once; 3 when a file does not exist or a finite space has no point left;
/// 5 when an outside suggestion service cannot be reached.
int RunSuggest(const SuggestOptions& options, std::istream& input, Streams& streams);

}  // namespace qalam::cli
