// What can be said of the fields of kinds whose objects nobody here looks into, and of reviews. Internal to this room.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

namespace qalam::apiserver {

/// Adds to an object's schema what is known of `kind`: a description, and fields beside apiVersion, kind and metadata. What the schema says
/// already stays.
void DescribePlainKind(std::string_view kind, nlohmann::ordered_json& schema);

}  // namespace qalam::apiserver
