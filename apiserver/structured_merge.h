// Documents compared and merged field by field. Internal to this room.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "apiserver/field_set.h"

namespace qalam::apiserver {

/// What is known of a value's structure. Objects are owned member by member, lists as a whole; of all kinds,
/// only a few lists in the metadata are owned item by item.
struct Shape;

/// Of an object of that API version. The members of built-in kinds are fields of their own; those of custom
/// resources are entries of a map.
const Shape& ShapeOf(std::string_view api_version);

struct Comparison {
  FieldSet removed, modified, added;
};
Comparison Compare(const nlohmann::json& before, const nlohmann::json& after, const Shape& shape);

/// The fields that a document sets. A field that only holds others is not counted unless the shape calls it
/// an entry of a map.
FieldSet FieldsOf(const nlohmann::json& document, const Shape& shape);

/// `live` with what `applied` sets. Of lists that are owned item by item the items of both, those of `live`
/// first.
nlohmann::json Merged(const nlohmann::json& live, const nlohmann::json& applied, const Shape& shape);

/// Without the fields of the set. What held nothing else becomes null.
nlohmann::json Without(const nlohmann::json& document, const FieldSet& fields, const Shape& shape);

/// With the fields that lead to members of the set as members.
FieldSet WithNamedFields(FieldSet set, const Shape& shape);

/// INVALID_ARGUMENT when a list whose items are owned one by one has one of them twice, or one without its
/// key.
absl::Status CheckItems(const nlohmann::json& document, const Shape& shape, std::string_view path = {});

}  // namespace qalam::apiserver
