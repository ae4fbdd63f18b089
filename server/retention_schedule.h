// Forgets old observations now and then.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "absl/time/time.h"
#include "db/retention.h"
#include "server/log.h"

namespace qalam::server {

/// Sweeps at once, and then every `interval`, in a thread of its own; says in `log` how many trials' observations went.
class RetentionSchedule {
 public:
  /// `log` outlives it.
  RetentionSchedule(db::Retention retention, absl::Duration interval, Log& log);

  /// Ends a sweep that is under way after the trial it is at.
  ~RetentionSchedule();

 private:
  void Run(absl::Duration interval);
  void Sweep();
  void Write(LogLevel level, const LogField& field);
  bool ending();

  db::Retention retention_;
  Log& log_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace qalam::server
