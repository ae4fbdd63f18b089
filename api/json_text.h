// The JSON side of this room: escaping, parsing into nodes. Internal.
#pragma once

#include <string>
#include <string_view>

#include "api/node.h"
#include "base/status.h"

namespace qalam::api {

/// Appends a quoted JSON string. Bytes that are not UTF-8 become U+FFFD.
void AppendJsonString(std::string_view text, std::string& out);

/// One JSON value. INVALID_ARGUMENT for a syntax error or nesting beyond 500. Of equal keys the last one
/// counts.
absl::StatusOr<Document> ParseJson(std::string_view text);

/// Whether two nodes stand for the same JSON value: maps whatever their order, numbers by value.
bool SameJson(const Node& a, const Node& b);

}  // namespace qalam::api
