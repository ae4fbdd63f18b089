// Which qalam process runs experiments in a data directory.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "api/resource.h"

namespace qalam::cli {

struct RunningSession {
  pid_t pid = 0;              // 0: unknown
  api::ObjectKey experiment;  // empty: it runs none, as `qalam serve`, or none yet
};

/// Nothing when nobody writes in the directory: the lock of the database tells, the session's file only says who it is.
std::optional<RunningSession> FindRunningSession(const std::string& data_directory);

}  // namespace qalam::cli
