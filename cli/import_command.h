// qalam import
#pragma once

#include <string>
#include <vector>

#include "cli/streams.h"

namespace qalam::cli {

struct ImportOptions {
  std::vector<std::string> files;  // "-": the standard input
  std::string data_directory;      // absolute; created when missing
  bool quiet = false;
};

/// Stores the observations of dumps of Katib's database. Exit codes as in exit_code.h: 2 for a dump that cannot be read,
/// 3 for one that is not there, 5 while another process holds the data directory.
int RunImport(const ImportOptions& options, Streams& streams);

}  // namespace qalam::cli
