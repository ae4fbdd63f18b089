// The output of what runs.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "api/trial.h"
#include "base/status.h"
#include "http/exchange.h"

namespace qalam::apiserver {

struct LogOptions {
  std::string container;  // empty: the primary one
  bool follow = false;
  bool previous = false;
  bool timestamps = false;
  std::optional<std::int64_t> tail_lines, since_seconds, limit_bytes;
  std::optional<absl::Time> since_time;
};

/// Threads: may be called concurrently.
class PodLogs {
 public:
  virtual ~PodLogs() = default;

  /// Sends the trial's output as text/plain; with `follow` until its program has ended. Failure 400 for a
  /// container that the trial has not or that has not started.
  virtual void Send(const api::Trial& trial, const LogOptions& options,
                    std::shared_ptr<http::Exchange> exchange) = 0;
};

}  // namespace qalam::apiserver
