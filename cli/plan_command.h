// qalam plan FILE: what a run would do and cost, before anything is spent.
#pragma once

#include <istream>
#include <string>

#include "cli/streams.h"
#include "server/runtime.h"

namespace qalam::cli {

struct PlanOptions {
  std::string file;  // "-": standard input
  std::string namespace_name = "default";
  std::string data_directory;    // earlier trials there tell how long one takes
  std::string format = "table";  // -o table or json
  server::ServiceAddresses services;
};

/// Number of trials, how many at once, the time at worst (by the trials' own deadlines) and as expected (by
/// the finished trials of the same experiment, if there are any), and the first five suggestions. Exit code 2
/// for bad input, 5 when an outside suggestion service cannot be reached.
int RunPlan(const PlanOptions& options, std::istream& input, Streams& streams);

}  // namespace qalam::cli
