// Where a trial's metrics are, as its Experiment names the place.
#pragma once

#include <cstdint>
#include <string>

#include "api/experiment.h"

namespace qalam::api {

/// What engines give each trial for itself. What a collector does not use is empty.
struct MetricsPlace {
  std::string file;       // one file
  std::string directory;  // of several files; without a slash at its end
  std::string pattern;    // of the files, relative to `directory`; empty for all
  std::int32_t port = 0;  // of an endpoint on the trial's own machine
};

/// `collector` has its defaults. A File path with * ? [ is a pattern: its directory is what comes before the last
/// slash in front of them, and is empty where there is none.
MetricsPlace PlaceOf(const MetricsCollectorSpec& collector);

/// Whether the host of an httpGet is the trial's own machine: empty, localhost, or a loopback address.
bool IsLoopback(std::string_view host);

}  // namespace qalam::api
