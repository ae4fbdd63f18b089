// Who calls, what he may do, and the record of what he did.
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "apiserver/request_info.h"
#include "base/status.h"
#include "http/message.h"

namespace qalam::apiserver {

struct User {
  std::string name;  // "admin", "system:anonymous"
  std::vector<std::string> groups;
};

/// Threads: all functions may be called concurrently.
class Access {
 public:
  virtual ~Access() = default;

  /// Failure 401 (nobody we know) or 403 (a Host or Origin that a browser was led to).
  virtual absl::StatusOr<User> Authenticate(const http::Request& request) = 0;

  /// Failure 403 in Kubernetes' words: `experiments.kubeflow.org "x" is forbidden: User "u" cannot get resource ...`.
  virtual absl::Status Authorize(const User& user, const RequestInfo& info) = 0;

  /// Once for each request: when it is answered, or when its stream begins. `code` is the HTTP code.
  virtual void Record(const http::Request& request, const RequestInfo& info, const User* user, int code,
                      absl::Duration took) = 0;
};

}  // namespace qalam::apiserver
