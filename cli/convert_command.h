// qalam convert: Experiments as OptimizationJobs and back.
#pragma once

#include <istream>
#include <string>
#include <vector>

#include "cli/streams.h"

namespace qalam::cli {

struct ConvertOptions {
  std::string file;                     // "-": the standard input
  std::string to;                       // "katib" or "optimizationjob"
  std::vector<std::string> algorithms;  // that an Experiment may name
  std::vector<std::string> early_stopping_algorithms;
  bool quiet = false;  // no notes
};

/// Prints every document of the file as YAML, those of the other kind converted. Notes about what has no
/// counterpart go to streams.err. Nothing is printed when anything is wrong: then all errors are, by file
/// position. Exit codes as in exit_code.h: 2 for a file that is wrong or cannot be converted, 3 for one that
/// is not there.
int RunConvert(const ConvertOptions& options, std::istream& input, Streams& streams);

}  // namespace qalam::cli
