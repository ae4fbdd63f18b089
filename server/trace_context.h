// Names that tie a call to what its caller knows of it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace qalam::server {

/// The caller's, if it has 1 to 128 visible ASCII characters; else a new one of 32 hexadecimal digits.
std::string RequestId(std::optional<std::string_view> given);

/// Whether a text has the form of a `traceparent` (W3C Trace Context, section 3.2): version, trace id, parent id and
/// flags in lower-case hexadecimal, ids not zero.
bool IsTraceParent(std::string_view text);

}  // namespace qalam::server
