// The schemas of everything that is sent and received, under the names that Kubernetes gives them. Internal
// to this room.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "apiserver/api_groups.h"

namespace qalam::apiserver {

inline constexpr std::string_view kSchemaPrefix = "#/components/schemas/";
inline constexpr std::string_view kMetaSchemas = "io.k8s.apimachinery.pkg.apis.meta.v1.";

/// "org.kubeflow.v1beta1.Experiment", "io.k8s.api.core.v1.Secret".
std::string SchemaName(const GroupVersion& group, std::string_view kind);

/// {"$ref": "#/components/schemas/NAME"}
nlohmann::ordered_json SchemaReference(const std::string& name);

/// By name: every kind of the group and version, its list, and what they refer to (ObjectMeta, Status,
/// DeleteOptions, ...), in the dialect of OpenAPI v3. No reference leads out.
nlohmann::ordered_json SchemasOf(const GroupVersion& group);

}  // namespace qalam::apiserver
