// Requests that a browser was led to by somebody else's page.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "base/status.h"
#include "http/message.h"
#include "server/host_names.h"

namespace qalam::server {

/// Refuses what a page of another site makes a browser send: a request under a name that is none of ours (DNS
/// rebinding), and one that says, by Origin or Sec-Fetch-Site, that it comes from another site or from
/// another server on this machine.
///
/// Threads: Check may be called from any.
class HostGuard {
 public:
  /// `address`: HOST:PORT that is listened on. `hosts`: further names and addresses of ours. `origins`: pages
  /// that may call. INVALID_ARGUMENT: one that is no name or address, or no SCHEME://HOST[:PORT].
  static absl::StatusOr<std::unique_ptr<HostGuard>> Make(std::string address,
                                                         const std::vector<std::string>& hosts,
                                                         const std::vector<std::string>& origins,
                                                         absl::Time now);

  /// Failure 403.
  absl::Status Check(const http::Request& request, absl::Time now);

 private:
  HostGuard() = default;
  bool IsOurs(const std::string& host, absl::Time now);

  std::string address_;
  HostNames given_, origins_;
  std::mutex mutex_;
  HostNames own_;
  absl::Time next_look_;
};

}  // namespace qalam::server
