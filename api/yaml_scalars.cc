#include "api/yaml_scalars.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

namespace qalam::api {
namespace {

constexpr std::array<std::string_view, 22> kBools = {
    "y", "Y", "yes", "Yes", "YES", "true",  "True",  "TRUE",  "on",  "On",  "ON",
    "n", "N", "no",  "No",  "NO",  "false", "False", "FALSE", "off", "Off", "OFF"};
constexpr std::array<std::string_view, 5> kNulls = {"", "~", "null", "Null", "NULL"};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsInteger(std::string_view digits) {
  if (digits.empty()) return false;
  int base = 10;
  if (digits.size() > 1 && digits[0] == '0') {
    const char mark = digits[1];
    base = mark == 'x' || mark == 'X' ? 16 : mark == 'b' || mark == 'B' ? 2 : 8;
    digits.remove_prefix(base != 8 || mark == 'o' || mark == 'O' ? 2 : 1);
  }
  if (base == 10) return std::all_of(digits.begin(), digits.end(), IsDigit);
  unsigned long long value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value, base);
  return error == std::errc{} && stop == end && digits[0] != '-';
}

// [0-9]+(\.[0-9]*)? or \.[0-9]+, then ([eE][-+]?[0-9]+)?
bool IsFloat(std::string_view text) {
  std::size_t i = 0;
  const auto digits = [&] {
    const std::size_t begin = i;
    while (i < text.size() && IsDigit(text[i])) ++i;
    return i - begin;
  };
  const std::size_t whole = digits();
  if (i < text.size() && text[i] == '.') {
    ++i;
    if (digits() == 0 && whole == 0) return false;
  } else if (whole == 0) {
    return false;
  }
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
    if (digits() == 0) return false;
  }
  return i == text.size();
}

}  // namespace

NodeType PlainScalarType(std::string_view text) {
  if (std::find(kNulls.begin(), kNulls.end(), text) != kNulls.end()) return NodeType::kNull;
  if (std::find(kBools.begin(), kBools.end(), text) != kBools.end()) return NodeType::kBool;
  const char first = text[0];
  if (!IsDigit(first) && first != '.' && first != '-' && first != '+') return NodeType::kText;
  std::string plain(text);
  if (IsDigit(plain.back()) || plain.find('_') == std::string::npos || first == '0') std::erase(plain, '_');
  std::string_view digits = plain;
  if (first == '-' || first == '+') digits.remove_prefix(1);
  if (IsInteger(digits)) return NodeType::kInt;
  return IsFloat(digits) ? NodeType::kFloat : NodeType::kText;
}

bool IsSafePlain(std::string_view text) {
  if (PlainScalarType(text) != NodeType::kText) return false;
  const auto letter = [](char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; };
  // Digits, signs and dots may begin numbers, dates and base 60 of other readers.
  if (!letter(text[0]) && text[0] != '/' && text[0] != '_' && text[0] != '$') return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (letter(c) || IsDigit(c) || std::string_view("_-./$()+=@%;^").find(c) != std::string_view::npos)
      continue;
    const bool inside = i + 1 < text.size();
    if ((c == ' ' || c == ':') && inside && text[i + 1] != ' ' && text[i + 1] != '#') continue;
    return false;
  }
  return true;
}

}  // namespace qalam::api
