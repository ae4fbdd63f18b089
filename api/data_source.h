// What config maps and secrets hold.
#pragma once

#include <string>

#include "api/resource_store.h"

namespace qalam::api {

/// The texts of a config map (kConfigMap), or the values of a secret (kSecret), decoded, by their keys. What cannot be decoded is left
/// out. NOT_FOUND: there is no such object, or it is being deleted; and the store's errors.
absl::StatusOr<StringMap> DataOf(const ResourceStore& store, Kind kind, const ObjectKey& key);

}  // namespace qalam::api
