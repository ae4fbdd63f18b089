// The schemas of resources, made of the fields that their readers and writers know, as JSON Schema in the dialect of OpenAPI v3 that
// Kubernetes publishes.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "api/resource.h"

namespace qalam::api {

/// Of a kind, metadata left out: who puts schemas together refers to one for all. Every field has its type and a description; nothing is
/// required, and enumerations say what is understood. Lists are atomic, as server-side apply treats them. What is kept without a look inside
/// has x-kubernetes-preserve-unknown-fields.
nlohmann::ordered_json SchemaOf(Kind kind);

/// Of ObjectMeta.
nlohmann::ordered_json MetadataSchema();

}  // namespace qalam::api
