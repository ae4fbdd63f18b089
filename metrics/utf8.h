// UTF-8 as observations need it: protobuf strings must be valid, program output need not be.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace qalam::metrics {

/// Whether `text` is UTF-8 (no overlong forms, no surrogates, nothing above U+10FFFF). ASCII goes at memory
/// speed.
bool IsValidUtf8(std::string_view text);

/// `text` with every byte that is not part of a valid sequence replaced by U+FFFD, as Go's regexp reads it.
std::string ReplaceInvalidUtf8(std::string_view text);

/// The first `limit` bytes of `text` at most, never ending inside a character of valid UTF-8.
std::string_view CutUtf8(std::string_view text, size_t limit);

}  // namespace qalam::metrics
