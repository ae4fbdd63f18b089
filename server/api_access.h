// Who may use the Kubernetes-style API: tokens, certificates, the policy, and the record of what was done.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "apiserver/access.h"
#include "server/log.h"

namespace qalam::server {

struct ApiAccessOptions {
  std::string address = "127.0.0.1:8080";  // HOST:PORT that is listened on
  std::string data_directory;              // absolute; there is one already
  bool no_auth = false;     // everybody is an administrator; only for an address of this machine alone
  std::string token_file;   // of users' tokens (api_tokens.h); empty: the administrator's token alone
  std::string policy_file;  // of who may what (api_policy.h); empty: every user may everything
  std::string audit_log;    // file of one JSON line for each request (api_audit.h); empty: none
  std::size_t audit_log_size = 100 << 20;  // bytes after which it becomes FILE.1 and a new one begins
  std::vector<std::string> hosts;          // names and addresses beyond our own that clients may call us by
  std::vector<std::string> origins;        // of pages that may call from a browser: "https://lab.example"
};

/// Users are, in this order: who has a client certificate, as the server has checked it (user CN of groups
/// O); who sends a token, the administrator's (user "admin" of system:masters) or one of the token file's;
/// nobody, who may ask for health and version alone.
///
/// Every user may ask what kinds there are and what he himself may do. What else, the policy says;
/// system:masters may everything.
///
/// The token file and the policy are read again when they change, at most once a second; while one cannot be
/// read, what it said last goes on to count, and the log says so once for each change.
class ApiAccess : public apiserver::Access {
 public:
  /// Makes the administrator's token unless the data directory has one. `log` outlives it.
  ///
  /// INVALID_ARGUMENT: options that exclude each other, a file that cannot be read, by line and field.
  /// PERMISSION_DENIED: the administrator's token can be read by others, or cannot be written.
  static absl::StatusOr<std::unique_ptr<ApiAccess>> Load(ApiAccessOptions options, Log& log,
                                                         std::function<absl::Time()> now = &absl::Now);
  ~ApiAccess() override;

  absl::StatusOr<apiserver::User> Authenticate(const http::Request& request) override;
  absl::Status Authorize(const apiserver::User& user, const apiserver::RequestInfo& info) override;
  void Record(const http::Request& request, const apiserver::RequestInfo& info, const apiserver::User* user,
              int code, absl::Duration took) override;

  /// Goes on in the audit log's path, which may have been moved away. Threads: any.
  void ReopenAuditLog();

 private:
  struct State;
  explicit ApiAccess(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace qalam::server
