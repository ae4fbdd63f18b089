#include "algorithms/quoted_json.h"

#include <fmt/format.h>

#include <cstdint>

namespace qalam::algorithms {
namespace {

constexpr std::uint32_t kReplacement = 0xFFFD;

// The code point at the beginning of `text`, which loses its bytes.
std::uint32_t TakeCodePoint(std::string_view& text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  const size_t length = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  std::uint32_t code = lead;
  bool valid = lead < 0x80 || (lead >= 0xC2 && lead <= 0xF4 && text.size() >= length);
  if (length > 1) code = lead & (0x7F >> length);
  for (size_t i = 1; valid && i < length; ++i) {
    valid = (byte(i) & 0xC0) == 0x80;
    code = code << 6 | (byte(i) & 0x3F);
  }
  const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  valid = valid && !overlong && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
  text.remove_prefix(valid ? length : 1);
  return valid ? code : kReplacement;
}

void AppendUnit(std::uint32_t unit, std::string& out) { out += fmt::format("\\u{:04x}", unit); }

void Append(std::uint32_t code, std::string& out) {
  switch (code) {
    case '"':
      out += "\\'";  // a double quote that is turned round, too
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  if (code >= 0x20 && code < 0x80 && code != '\'') {
    out += static_cast<char>(code);
  } else if (code < 0x10000) {
    AppendUnit(code, out);
  } else {
    AppendUnit(0xD800 + ((code - 0x10000) >> 10), out);
    AppendUnit(0xDC00 + ((code - 0x10000) & 0x3FF), out);
  }
}

}  // namespace

std::string QuotedJson(std::string_view text) {
  std::string out = "'";
  while (!text.empty()) Append(TakeCodePoint(text), out);
  return out + "'";
}

std::string RealJson(double value) {
  std::string text = fmt::format("{}", value);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

}  // namespace qalam::algorithms
