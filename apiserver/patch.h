// Patches of JSON documents.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "base/status.h"

namespace qalam::apiserver {

enum class PatchType { kJson, kMerge, kStrategicMerge, kApply };

/// By Content-Type, parameters aside. Failure 415 that names the types there are.
absl::StatusOr<PatchType> ReadPatchType(std::string_view content_type);

/// RFC 6902. Failure 400 for text that is no patch, 422 when an operation fails (a test, a path that is not
/// there) or makes the document too deep or moves and copies too much, with its index, 413 for more than
/// 10,000 operations. What is left need not be an object.
absl::StatusOr<nlohmann::json> JsonPatch(const nlohmann::json& live, std::string_view patch);

/// RFC 7386. Failure 400 for text that is no JSON object.
absl::StatusOr<nlohmann::json> MergePatch(const nlohmann::json& live, std::string_view patch);

}  // namespace qalam::apiserver
