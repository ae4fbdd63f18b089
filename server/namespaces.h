// The namespaces that the API shows.
#pragma once

#include "api/resource_store.h"

namespace qalam::server {

/// Creates the namespace "default" and every other one that stored resources are in and that is not stored itself.
absl::Status EnsureNamespaces(api::ResourceStore& store);

}  // namespace qalam::server
