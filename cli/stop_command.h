// qalam stop NAME and qalam rm NAME: the commands that change what is stored or running.
#pragma once

#include <string>

#include "cli/streams.h"
#include "server/runtime.h"

namespace qalam::cli {

struct StopOptions {
  std::string data_directory;
  std::string namespace_name = "default";
  std::string name;
  bool now = false;  // --now: end running trials, too; otherwise they finish
};
/// Asks the process that runs the experiment to stop: as a first Ctrl-C there, or with `now` as a TERM. Does
/// not wait. Exit code 3 when the experiment does not exist or nobody runs it.
int RunStop(const StopOptions& options, Streams& streams);

struct RmOptions {
  server::RuntimeOptions runtime;  // `only` is filled in from the names below
  std::string namespace_name = "default";
  std::string name;
};
/// Deletes the experiment with its trials, their observations and their files. Exit code 3 when it does not
/// exist, 5 while another process runs in the data directory. To be called while the process has one thread.
int RunRm(const RmOptions& options, Streams& streams);

}  // namespace qalam::cli
