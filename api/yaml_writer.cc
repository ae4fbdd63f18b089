#include "api/yaml_writer.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/utf8.h"
#include "api/yaml_scalars.h"

namespace qalam::api {
namespace {

constexpr std::size_t kLongestPlainKey = 500;  // readers stop looking for the colon after 1024 characters

// Characters every YAML reader takes as they are inside double quotes; the rest is escaped.
bool IsPrintable(char32_t c) {
  return (c >= 0x20 && c < 0x7F) || (c >= 0xA0 && c < 0xFFFE && c != 0x2028 && c != 0x2029 && c != 0xFEFF) ||
         c >= 0x10000;
}

char32_t Decode(const char* p, std::size_t length) {
  if (length == 1) return static_cast<unsigned char>(*p);
  char32_t c = static_cast<unsigned char>(*p) & (0x7F >> length);
  for (std::size_t i = 1; i < length; ++i) c = c << 6 | (static_cast<unsigned char>(p[i]) & 0x3F);
  return c;
}

// `text` comes from parsed JSON and is UTF-8.
void AppendQuoted(std::string_view text, std::string& out) {
  out += '"';
  const char* const end = text.data() + text.size();
  for (const char* p = text.data(); p != end;) {
    const std::size_t length = std::max<std::size_t>(1, Utf8Length(p, end));
    const char32_t c = Decode(p, length);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += *p;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (IsPrintable(c)) {
      out.append(p, length);
    } else {
      out += c < 0x100 ? fmt::format("\\x{:02x}", static_cast<unsigned>(c))
                       : fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    }
    p += length;
  }
  out += '"';
}

// Text with quotes or backslashes reads better in single quotes, where nothing is escaped.
bool FitsSingleQuotes(std::string_view text) {
  if (text.find_first_of("\"\\") == std::string_view::npos) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F && c != '\''; });
}

// Several lines that a literal block gives back exactly.
bool FitsLiteral(std::string_view text) {
  const std::size_t first = text.find_first_not_of('\n');
  if (text.find('\n') == std::string_view::npos || first == std::string_view::npos || text[0] == '\n' ||
      text[0] == ' ' || text[0] == '\t' || text.ends_with("\n\n")) {
    return false;
  }
  const char* const end = text.data() + text.size();
  for (const char* p = text.data(); p != end;) {
    const std::size_t length = std::max<std::size_t>(1, Utf8Length(p, end));
    const char32_t c = Decode(p, length);
    if (c != '\n' && !IsPrintable(c)) return false;
    p += length;
  }
  return true;
}

class YamlWriter {
 public:
  explicit YamlWriter(std::string& out) : out_(out) {}

  // What follows "key:" or "-", up to the end of the line and beyond.
  void Value(const Node& node, int depth, bool in_list) {
    if (node.IsScalar()) {
      out_ += ' ';
      Scalar(node, depth);
      out_ += '\n';
    } else if (node.children.empty()) {
      out_ += node.type == NodeType::kMap ? " {}\n" : " []\n";
    } else if (node.type == NodeType::kMap) {
      if (in_list) {
        out_ += ' ';
        Map(node, depth, /*first_in_place=*/true);
      } else {
        out_ += '\n';
        Map(node, depth, false);
      }
    } else {
      out_ += '\n';
      List(node, depth);
    }
  }

  void Map(const Node& node, int depth, bool first_in_place) {
    for (const Node::Child& child : node.children) {
      if (!first_in_place) Indent(depth);
      first_in_place = false;
      const std::string& key = child.key->text;
      if (key.size() > kLongestPlainKey) {
        out_ += "? ";
        AppendQuoted(key, out_);
        out_ += '\n';
        Indent(depth);
      } else if (IsSafePlain(key)) {
        out_ += key;
      } else {
        AppendQuoted(key, out_);
      }
      out_ += ':';
      // A list may stand at its key's own indentation, as kubectl writes it.
      Value(*child.value, child.value->type == NodeType::kList ? depth : depth + 1, false);
    }
  }

  void List(const Node& node, int depth) {
    for (const Node::Child& child : node.children) {
      Indent(depth);
      out_ += '-';
      Value(*child.value, depth + 1, true);
    }
  }

 private:
  void Indent(int depth) { out_.append(2 * depth, ' '); }

  void Scalar(const Node& node, int depth) {
    if (node.type != NodeType::kText) {
      AppendJson(node, out_);
    } else if (IsSafePlain(node.text)) {
      out_ += node.text;
    } else if (FitsLiteral(node.text)) {
      Literal(node.text, depth);
    } else if (FitsSingleQuotes(node.text)) {
      out_ += fmt::format("'{}'", node.text);
    } else {
      AppendQuoted(node.text, out_);
    }
  }

  void Literal(std::string_view text, int depth) {
    out_ += text.ends_with('\n') ? "|" : "|-";
    if (text.ends_with('\n')) text.remove_suffix(1);
    while (true) {
      const std::size_t end = text.find('\n');
      const std::string_view line = text.substr(0, end);
      out_ += '\n';
      if (!line.empty()) {
        Indent(depth);
        out_ += line;
      }
      if (end == std::string_view::npos) return;
      text.remove_prefix(end + 1);
    }
  }

  std::string& out_;
};

}  // namespace

void AppendYaml(const Node& root, std::string& out) {
  YamlWriter writer(out);
  if (root.type == NodeType::kMap && !root.children.empty()) {
    writer.Map(root, 0, false);
  } else if (root.type == NodeType::kList && !root.children.empty()) {
    writer.List(root, 0);
  } else {
    writer.Value(root, 0, false);
  }
}

}  // namespace qalam::api
