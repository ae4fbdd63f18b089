// The operations of a group and version, as OpenAPI v3 describes them. Internal to this room.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "apiserver/api_groups.h"

namespace qalam::apiserver {

/// By path: every resource's collections, objects and subresources. Operations carry x-kubernetes-action and
/// x-kubernetes-group-version-kind, by which clients find out what they may ask of a kind (dryRun,
/// fieldValidation).
nlohmann::ordered_json PathsOf(const GroupVersion& group);

}  // namespace qalam::apiserver
