// Documents as clients send them.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "base/status.h"
#include "http/message.h"

namespace qalam::apiserver {

/// Whether objects and lists are nested deeper than that anywhere in the text. To be asked before documents
/// of others are walked, which is done by recursion; reading them is not.
bool IsDeeperThan(std::string_view json, int levels);

/// One JSON object, nested at most 100 deep. Failure 400 with the place where reading stopped.
absl::StatusOr<nlohmann::json> ReadJsonObject(std::string_view text);

/// Likewise, from YAML (of which JSON is a part).
absl::StatusOr<nlohmann::json> ReadYamlObject(std::string_view text);

/// The request's body by its Content-Type: JSON, also when there is none, or YAML. Failure 415 for other
/// types, which names the types there are; 400 for a body that cannot be read.
absl::StatusOr<nlohmann::json> ReadBodyObject(const http::Request& request);

/// "application/json" of "application/json; charset=utf-8", in lower case.
std::string MediaType(std::string_view content_type);

}  // namespace qalam::apiserver
