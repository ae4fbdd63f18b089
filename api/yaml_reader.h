// YAML and JSON texts as nodes, with lines. Internal to this room.
#pragma once

#include <string_view>
#include <vector>

#include "api/field_error.h"
#include "api/node.h"

namespace qalam::api {

struct YamlDocument {
  Document document;   // without a root when nothing could be read
  FieldErrors errors;  // syntax, repeated keys, tags, aliases; with line and column
  bool empty = false;  // nothing but comments
};

/// Every document of a text, in order. After a syntax error reading goes on with the next line that starts
/// with "---". Anchors, aliases and merge keys (<<) are resolved. Bounds of the whole text: 64 MiB, a million
/// values, nesting 100, 10,000 values by way of aliases; beyond them it is an error.
std::vector<YamlDocument> ParseYaml(std::string_view text);

}  // namespace qalam::api
