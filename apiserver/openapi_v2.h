// OpenAPI v2, which older clients read: made of the v3 documents. Internal to this room.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace qalam::apiserver {

/// A v3 document's paths and schemas in the words of v2.
nlohmann::ordered_json ToOpenApiV2(const nlohmann::ordered_json& v3);

/// A v2 document as the protobuf message openapi.v2.Document of gnostic, the only form in which older
/// versions of kubectl read it. What the message has no field for is left out.
std::string OpenApiV2Protobuf(const nlohmann::ordered_json& v2);

}  // namespace qalam::apiserver
