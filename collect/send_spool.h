// Points that an earlier process could not deliver.
#pragma once

#include <string>

#include "base/status.h"
#include "collect/delivery.h"
#include "collect/report_client.h"

namespace qalam::collect {

struct SendOptions {
  std::string directory;  // a spool, or a directory that spools are in
  Connection server;      // an empty address: each spool's own
  absl::Duration wait;    // how long to try
};

/// Sends every spool found and removes those that are empty then. Says how many points of which trial were sent.
/// NOT_FOUND: no spool there. UNAVAILABLE: points are left. ABORTED: the process of a spool still runs.
absl::Status SendSpools(const SendOptions& options, const Say& say);

}  // namespace qalam::collect
