// qalam enqueue
#pragma once

#include <string>
#include <vector>

#include "cli/streams.h"

namespace qalam::cli {

struct EnqueueOptions {
  std::string data_directory;  // absolute
  std::string namespace_name = "default";
  std::string name;                 // of the experiment
  std::vector<std::string> values;  // NAME=VALUE, of one point
};

/// Adds a point to those a stored experiment tries first; it is tried when the experiment goes on. Exit codes as in exit_code.h:
/// 2 for a point that does not fit, 3 without such an experiment, 4 while another process runs it.
int RunEnqueue(const EnqueueOptions& options, Streams& streams);

}  // namespace qalam::cli
