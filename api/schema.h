// Field trees that a free-form object is checked against. Internal to this room.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/node.h"

namespace qalam::api {

enum class SchemaType {
  kAny,
  kText,
  kInteger,
  kBoolean,
  kIntegerOrText,
  kTexts,       // list of text
  kTextMap,     // map of text to text
  kQuantities,  // map of text to "500m", "1Gi" or a number; free-form otherwise
  kObject,      // with `fields`
  kObjects,     // list of them
};

struct SchemaField {
  std::string_view name;
  SchemaType type = SchemaType::kAny;
  std::span<const SchemaField> fields = {};
};

struct SchemaError {
  std::string path;   // below the checked object, e.g. "spec.template.spec.containers[0].comand"
  std::string value;  // what was seen, shortened
  std::string detail;
};

/// Every unknown field (with a hint) and every value of the wrong type. Null stands for an absent field.
std::vector<SchemaError> CheckSchema(const Node& object, std::span<const SchemaField> fields);

}  // namespace qalam::api
