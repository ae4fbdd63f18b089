// What a plain YAML scalar means. Internal to this room.
#pragma once

#include <string_view>

#include "api/node.h"

namespace qalam::api {

/// The type kubectl gives a plain scalar: YAML 1.1 booleans (yes, off, y), nulls, integers (017 and 0o17 are
/// octal, 0x, 0b, 1_000) and floats; the rest is text, infinities and NaN too, since JSON has none.
NodeType PlainScalarType(std::string_view text);

/// Whether a text may stand without quotes and means just itself to every YAML 1.1 and 1.2 reader.
/// Conservative.
bool IsSafePlain(std::string_view text);

}  // namespace qalam::api
