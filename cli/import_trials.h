// Trials that were run elsewhere, stored as an experiment that has ended: to look at, and to start others from.
#pragma once

#include <istream>
#include <string>
#include <vector>

#include "base/status.h"
#include "cli/streams.h"

namespace qalam::cli {

struct TrialImport {
  std::vector<std::string>
      files;               // CSV or JSON lines, as trial_history.h reads them; "-": the standard input
  std::string experiment;  // a file with the Experiment they are trials of; "-": the standard input
  std::string name;        // under which it is stored; empty: as the file says
  std::string namespace_name = "default";
  std::string data_directory;  // absolute; created when missing
  bool quiet = false;
};

/// All or nothing. Trials that have not ended are left out; their names begin with the experiment's, as names are unique in a
/// data directory. Exit codes as in exit_code.h: 2 for a file that cannot be read, 4 when there is such an experiment.
int RunTrialImport(const TrialImport& options, std::istream& input, Streams& streams);

}  // namespace qalam::cli
