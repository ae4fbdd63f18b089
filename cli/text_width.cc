#include "cli/text_width.h"

#include <algorithm>
#include <cstdint>
#include <iterator>

namespace qalam::cli {
namespace {

struct Decoded {
  char32_t code = 0;
  size_t length = 1;
  bool valid = false;
};

Decoded DecodeAt(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(at);
  if (lead < 0x80) return {lead, 1, true};
  const size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 0;
  if (length == 0 || lead > 0xF4 || at + length > text.size()) return {};
  char32_t code = lead & (0x7F >> length);
  for (size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0) != 0x80) return {};
    code = (code << 6) | (byte(at + i) & 0x3F);
  }
  constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < kSmallest[length] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return {};
  return {code, length, true};
}

struct Range {
  char32_t first, last;
};

// Unicode blocks rather than the full tables: the C library's wcwidth depends on the locale that happens to
// be set.
constexpr Range kZeroWidth[] = {{0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x0610, 0x061A},
                                {0x064B, 0x065F}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x200B, 0x200F},
                                {0x202A, 0x202E}, {0x2060, 0x2064}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F},
                                {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF}};
constexpr Range kTwoWide[] = {{0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0x33FF},   {0x3400, 0x4DBF},
                              {0x4E00, 0x9FFF},   {0xA000, 0xA4CF},   {0xA960, 0xA97F},   {0xAC00, 0xD7A3},
                              {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},
                              {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F900, 0x1FAFF}, {0x20000, 0x3FFFD}};

template <size_t N>
bool IsIn(const Range (&ranges)[N], char32_t code) {
  const auto found = std::upper_bound(std::begin(ranges), std::end(ranges), code,
                                      [](char32_t c, const Range& range) { return c < range.first; });
  return found != std::begin(ranges) && code <= std::prev(found)->last;
}

int ColumnsOf(char32_t code) { return IsIn(kZeroWidth, code) ? 0 : IsIn(kTwoWide, code) ? 2 : 1; }

bool IsControl(char32_t code) {
  // Direction marks reorder what follows on the line, so they count as controls here.
  return code < 0x20 || (code >= 0x7F && code <= 0x9F) || (code >= 0x202A && code <= 0x202E) ||
         (code >= 0x2066 && code <= 0x2069) || code == 0x2028 || code == 0x2029;
}

}  // namespace

bool IsUtf8(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const Decoded next = DecodeAt(text, at);
    if (!next.valid) return false;
    at += next.length;
  }
  return true;
}

std::string Printable(std::string_view text, bool utf8) {
  std::string result;
  result.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const Decoded next = DecodeAt(text, at);
    if (next.valid && (next.code == '\t' || next.code == '\n' || next.code == '\r')) {
      result += ' ';
    } else if (!next.valid || IsControl(next.code) || (!utf8 && next.code > 0x7E)) {
      result += '?';
    } else {
      result += text.substr(at, next.length);
    }
    at += next.length;
  }
  return result;
}

int DisplayWidth(std::string_view text) {
  int width = 0;
  for (size_t at = 0; at < text.size();) {
    const Decoded next = DecodeAt(text, at);
    width += next.valid ? ColumnsOf(next.code) : 1;
    at += next.length;
  }
  return width;
}

std::string_view TakeColumns(std::string_view text, int width) {
  int used = 0;
  for (size_t at = 0; at < text.size();) {
    const Decoded next = DecodeAt(text, at);
    used += next.valid ? ColumnsOf(next.code) : 1;
    if (used > width) return text.substr(0, at);
    at += next.length;
  }
  return text;
}

std::string CutToWidth(std::string_view text, int width, bool utf8) {
  if (width <= 0) return "";
  if (TakeColumns(text, width).size() == text.size()) return std::string(text);
  return std::string(TakeColumns(text, width - 1)) + (utf8 ? "…" : "~");
}

std::string PadToWidth(std::string_view text, int width, bool right_aligned) {
  const std::string blanks(std::max(0, width - DisplayWidth(text)), ' ');
  return right_aligned ? blanks + std::string(text) : std::string(text) + blanks;
}

}  // namespace qalam::cli
