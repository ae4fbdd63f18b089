// Looking at UTF-8. Internal to this room.
#pragma once

#include <cstddef>
#include <string_view>

namespace qalam::api {

inline constexpr std::string_view kReplacementCharacter = "\xEF\xBF\xBD";

/// Length of the well-formed character at `p` (Unicode 15, table 3-7); 0 when there is none.
inline std::size_t Utf8Length(const char* p, const char* end) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(p[i]); };
  const std::size_t left = end - p;
  const auto tail = [&](std::size_t i) { return i < left && (byte(i) & 0xC0) == 0x80; };
  if (left == 0) return 0;
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4 || !tail(1)) return 0;
  if (lead < 0xE0) return 2;
  if (lead < 0xF0) {
    if ((lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xED && byte(1) > 0x9F)) return 0;
    return tail(2) ? 3 : 0;
  }
  if ((lead == 0xF0 && byte(1) < 0x90) || (lead == 0xF4 && byte(1) > 0x8F)) return 0;
  return tail(2) && tail(3) ? 4 : 0;
}

}  // namespace qalam::api
