#include "api/node.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "api/json_text.h"
#include "api/utf8.h"

namespace qalam::api {
namespace {

constexpr std::size_t kShown = 60;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The grammar of RFC 8259, section 6.
bool IsJsonNumber(std::string_view text) {
  std::size_t i = 0;
  const auto digits = [&] {
    const std::size_t begin = i;
    while (i < text.size() && IsDigit(text[i])) ++i;
    return i > begin;
  };
  if (i < text.size() && text[i] == '-') ++i;
  if (i < text.size() && text[i] == '0') {
    ++i;
  } else if (!digits()) {
    return false;
  }
  if (i < text.size() && text[i] == '.') {
    ++i;
    if (!digits()) return false;
  }
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
    if (!digits()) return false;
  }
  return i == text.size();
}

// A YAML integer with its base: 0x1f, 0o17, 017, 0b1. Nothing left to do for decimal ones.
std::string Decimal(std::string_view digits) {
  int base = 10;
  if (digits.size() > 1 && digits[0] == '0') {
    const char mark = digits[1];
    base = mark == 'x' || mark == 'X' ? 16 : mark == 'b' || mark == 'B' ? 2 : 8;
    digits.remove_prefix(IsDigit(mark) ? 1 : 2);
  }
  if (base == 10) return std::string(digits);
  unsigned long long value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  return std::to_string(value);
}

void AppendNumber(const Node& node, std::string& out) {
  if (IsJsonNumber(node.text)) {
    out += node.text;
    return;
  }
  std::string text = node.text;
  std::erase(text, '_');
  std::string_view digits = text;
  if (digits.starts_with('-')) out += '-';
  if (digits.starts_with('-') || digits.starts_with('+')) digits.remove_prefix(1);
  if (node.type == NodeType::kInt) {
    out += Decimal(digits);
    return;
  }
  // What JSON misses in a YAML float: digits before and after the point, no leading zeros.
  const std::size_t mantissa = std::min(digits.find_first_of("eE"), digits.size());
  std::string_view whole = digits.substr(0, std::min(digits.find('.'), mantissa));
  std::string_view fraction = digits.substr(whole.size(), mantissa - whole.size());
  while (whole.size() > 1 && whole[0] == '0') whole.remove_prefix(1);
  out += whole.empty() ? "0" : whole;
  if (fraction.size() > 1) out += fraction;
  out += digits.substr(mantissa);
}

}  // namespace

const Node* Node::Find(std::string_view key) const {
  if (type != NodeType::kMap) return nullptr;
  for (auto child = children.rbegin(); child != children.rend(); ++child) {
    if (child->key->text == key) return child->value;
  }
  return nullptr;
}

const Node* Node::Find(std::initializer_list<std::string_view> path) const {
  const Node* node = this;
  for (const std::string_view key : path) {
    if (node != nullptr) node = node->Find(key);
  }
  return node;
}

void AppendJson(const Node& node, std::string& out) {
  switch (node.type) {
    case NodeType::kNull:
      out += "null";
      return;
    case NodeType::kBool: {
      const char c = node.text.size() == 2 && (node.text[1] | 0x20) == 'n' ? 'y' : node.text[0] | 0x20;
      out += c == 't' || c == 'y' ? "true" : "false";
      return;
    }
    case NodeType::kInt:
    case NodeType::kFloat:
      AppendNumber(node, out);
      return;
    case NodeType::kText:
      AppendJsonString(node.text, out);
      return;
    case NodeType::kList:
    case NodeType::kMap:
      break;
  }
  const bool map = node.type == NodeType::kMap;
  out += map ? '{' : '[';
  bool first = true;
  for (const Node::Child& child : node.children) {
    if (!first) out += ',';
    first = false;
    if (map) {
      AppendJsonString(child.key->text, out);
      out += ':';
    }
    AppendJson(*child.value, out);
  }
  out += map ? '}' : ']';
}

std::string_view TypeText(const Node& node) {
  switch (node.type) {
    case NodeType::kNull:
      return "nothing";
    case NodeType::kBool:
      return "true or false";
    case NodeType::kInt:
    case NodeType::kFloat:
      return "a number";
    case NodeType::kText:
      return "text";
    case NodeType::kList:
      return "a list";
    case NodeType::kMap:
      return "a map";
  }
  return "";
}

std::string Shortened(std::string_view text) {
  std::string out;
  const char* const end = text.data() + text.size();
  for (const char* p = text.data(); p != end;) {
    if (out.size() >= kShown) return out + "...";
    const std::size_t length = Utf8Length(p, end);
    if (length == 0) {
      out += kReplacementCharacter;
      ++p;
      continue;
    }
    const bool control = length == 1 && static_cast<unsigned char>(*p) < 0x20;
    control ? out.append(" ") : out.append(p, length);
    p += length;
  }
  return out;
}

std::string Shortened(const Node& node) {
  if (node.IsScalar()) return Shortened(std::string_view(node.text));
  std::string out(1, node.type == NodeType::kMap ? '{' : '[');
  for (const Node::Child& child : node.children) {
    if (out.size() > 1) out += ", ";
    if (out.size() > kShown) {
      out += "...";
      break;
    }
    if (child.key != nullptr) out += Shortened(std::string_view(child.key->text)) + ": ";
    out += child.value->IsScalar() ? Shortened(std::string_view(child.value->text)) : "...";
  }
  return out + (node.type == NodeType::kMap ? '}' : ']');
}

}  // namespace qalam::api
