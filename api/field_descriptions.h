// What every field of the contract is for, in a sentence. Internal to this room.
#pragma once

#include <string_view>

namespace qalam::api {

/// Of a field of a struct (struct_names.h) or of a kind: ("FeasibleSpace", "min"), ("Experiment", "spec"). A group's fields have the
/// group's name in between: ("MetricsSource.filter", "metricsFormat"). Empty for what is not described.
std::string_view FieldDescription(std::string_view owner, std::string_view field);

/// Of a kind as a whole, or of "ObjectMeta".
std::string_view KindDescription(std::string_view kind);

}  // namespace qalam::api
