// What is sent to Kubernetes to mark a Trial as early stopped.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "base/status.h"

namespace qalam::server {

/// Whether Kubernetes can have given this name to an object: nothing else may become part of a path.
bool IsObjectName(std::string_view name);

/// The JSON merge patch for the sub-resource `status` of `trial`, which is a Trial (kubeflow.org/v1beta1) as the API server
/// wrote it; nothing when it is early stopped already. The patch has the conditions there are, because lists are replaced
/// as a whole, and after them EarlyStopped with the times `now` in UTC; and it has the version they were read at, so that it
/// fails rather than undoes what somebody changed since.
/// INTERNAL: `trial` is no Trial.
absl::StatusOr<std::optional<std::string>> EarlyStoppedPatch(std::string_view trial, absl::Time now);

}  // namespace qalam::server
