// Where a reader is in a document. Internal to this room.
#pragma once

#include <string>
#include <string_view>

namespace qalam::api {

/// A chain of names and indices on the stack; made into text only for messages.
struct FieldPath {
  const FieldPath* parent = nullptr;
  std::string_view name;  // empty for an element of a list
  std::size_t index = 0;

  FieldPath Field(std::string_view field_name) const { return {this, field_name, 0}; }
  FieldPath Element(std::size_t at) const { return {this, {}, at}; }

  /// spec.parameters[2].feasibleSpace; very long names are shortened.
  std::string Text() const;
};

}  // namespace qalam::api
