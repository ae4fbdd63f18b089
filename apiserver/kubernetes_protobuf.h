// Bodies in Kubernetes' protobuf form, which newer versions of kubectl send for the kinds that are built into them.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "base/status.h"

namespace qalam::apiserver {

inline constexpr std::string_view kProtobufContentType = "application/vnd.kubernetes.protobuf";

/// The same object as JSON, with apiVersion and kind. It knows the fields that are served here of Namespace, ConfigMap, Secret and the
/// reviews, and DeleteOptions; other fields are dropped. Failure 400 for bytes that are no such message, 415 for other kinds.
absl::StatusOr<nlohmann::json> ReadKubernetesProtobuf(std::string_view body);

}  // namespace qalam::apiserver
