// qalam replay
#pragma once

#include <optional>
#include <string>

#include "cli/read_store.h"
#include "cli/streams.h"

namespace qalam::cli {

struct ReplayOptions {
  std::string namespace_name = "default";
  std::string name;             // of the experiment
  std::string stop;             // early-stopping rules, as bench/stopping.h reads them
  std::string algorithms;       // as bench/optimizer.h reads them
  std::optional<int> trials;    // of each search; nothing: as many as were run
  int seeds = 10;               // of each search, >= 2
  std::string format = "text";  // -o text, json
};

/// What other early-stopping rules would have done to the trials of a stored experiment, exactly, and what other algorithms
/// might have found, as an estimate. Exit codes as in exit_code.h: 2 for flags, 3 without the experiment, 4 where it has too
/// little to say.
int RunReplay(const ReplayOptions& options, const ReadStore& store, Streams& streams);

}  // namespace qalam::cli
