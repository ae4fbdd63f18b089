// Which qalam process runs experiments in a data directory.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "api/resource.h"

namespace qalam::cli {

struct RunningSession {
  pid_t pid = 0;              // 0: unknown
  api::ObjectKey experiment;  // empty: it runs none, or none yet
  bool runs_all = false;      // `qalam serve` with the API: every experiment of the directory

  bool Runs(const api::ObjectKey& key) const { return runs_all || experiment == key; }
};

/// Tells other processes which experiment this one runs, as long as it lives.
class SessionFile {
 public:
  /// Without an experiment: all of them.
  SessionFile(const std::string& data_directory, const std::optional<api::ObjectKey>& experiment);
  ~SessionFile();
  SessionFile(const SessionFile&) = delete;
  SessionFile& operator=(const SessionFile&) = delete;

 private:
  const std::string path_;
};

/// Nothing when nobody writes in the directory: the lock of the database tells, the session's file only says who it is.
std::optional<RunningSession> FindRunningSession(const std::string& data_directory);

}  // namespace qalam::cli
