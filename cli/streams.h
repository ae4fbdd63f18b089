// What a command may talk to: standard output for data, standard error for everything else, and the time.
#pragma once

#include <ostream>

#include "absl/time/time.h"
#include "cli/terminal.h"

namespace qalam::cli {

struct Streams {
  std::ostream& out;
  std::ostream& err;
  Terminal out_terminal = {};
  Terminal err_terminal = {};
  absl::Time now = absl::UnixEpoch();         // of the command; ages count from here
  absl::TimeZone zone = absl::UTCTimeZone();  // clock times are shown in it
};

}  // namespace qalam::cli
