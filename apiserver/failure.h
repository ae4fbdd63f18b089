// Errors as Kubernetes tells them: a Status object with code, reason, details and causes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "http/message.h"

namespace qalam::apiserver {

struct Cause {
  std::string reason, message, field;  // "FieldValueRequired", "Required value", "metadata.name"
};

struct FailureDetails {
  std::string name, group, kind, uid;  // kind: the plural resource, as Kubernetes has it
  std::vector<Cause> causes;
  int retry_after_seconds = 0;
  std::string continue_token;  // 410 of a list: goes on from here, with the objects as they are now
};

/// An error that goes out with this HTTP code and reason. Its absl code is the nearest one; code, reason and
/// details travel with it through absl::Status.
///
///   400 BadRequest   401 Unauthorized   403 Forbidden   404 NotFound   405 MethodNotAllowed   406 NotAcceptable
///   409 AlreadyExists, Conflict   410 Expired   413 RequestEntityTooLarge   415 UnsupportedMediaType   422 Invalid
///   429 TooManyRequests   500 InternalError   503 ServiceUnavailable   504 Timeout
absl::Status Failure(int code, std::string_view reason, std::string message, FailureDetails details = {});

/// What a store or a reader said (resource_store.h), as Kubernetes would have said it of `resource` `name` in
/// `group`. Failures stay what they are.
absl::Status ToFailure(const absl::Status& status, std::string_view group, std::string_view resource,
                       std::string_view name);

int CodeOf(const absl::Status& failure);              // 200 when OK; 500 for a status that is no Failure
std::string StatusJson(const absl::Status& failure);  // {"kind":"Status","apiVersion":"v1",...}
http::Response ToResponse(const absl::Status& failure);

}  // namespace qalam::apiserver
