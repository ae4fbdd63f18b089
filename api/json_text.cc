#include "api/json_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "api/codec.h"
#include "api/utf8.h"
#include "base/number_text.h"

namespace qalam::api {
namespace {

constexpr std::size_t kMaxDepth = 500;

// Bytes that can be copied into a JSON string as they are.
constexpr auto kPlain = [] {
  std::array<bool, 256> plain{};
  for (int c = 0x20; c < 0x80; ++c) plain[c] = c != '"' && c != '\\';
  return plain;
}();

void AppendEscaped(unsigned char c, std::string& out) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
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
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", c);
  }
}

void KeepLastOfEqualKeys(std::vector<Node::Child>& children) {
  if (children.size() < 2) return;
  std::unordered_map<std::string_view, std::size_t> last;
  for (std::size_t i = 0; i < children.size(); ++i) last[children[i].key->text] = i;
  if (last.size() == children.size()) return;
  std::size_t index = 0;
  std::erase_if(children, [&](const Node::Child& child) { return last[child.key->text] != index++; });
}

// Builds nodes from nlohmann's events, so that numbers keep the digits they were written with.
class NodeBuilder : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit NodeBuilder(Document& document) : document_(document) {}

  bool null() override { return Add(NodeType::kNull, "null"); }
  bool boolean(bool value) override { return Add(NodeType::kBool, value ? "true" : "false"); }
  bool number_integer(number_integer_t value) override {  // negative ones, so that 0 stands for -0
    return Add(NodeType::kInt, value == 0 ? "-0" : std::to_string(value));
  }
  bool number_unsigned(number_unsigned_t value) override {
    return Add(NodeType::kInt, std::to_string(value));
  }
  bool number_float(number_float_t, const string_t& text) override { return Add(NodeType::kFloat, text); }
  bool string(string_t& text) override { return Add(NodeType::kText, std::move(text)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return Open(NodeType::kMap); }
  bool start_array(std::size_t) override { return Open(NodeType::kList); }
  bool end_object() override { return Close(); }
  bool end_array() override { return Close(); }
  bool key(string_t& text) override {
    Node& key = document_.nodes.emplace_back();
    key.type = NodeType::kText;
    key.text = std::move(text);
    key_ = &key;
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& error) override {
    error_ = error.what();
    return false;
  }

  const std::string& error() const { return error_; }

 private:
  Node& Attach(NodeType type) {
    Node& node = document_.nodes.emplace_back();
    node.type = type;
    if (stack_.empty()) {
      document_.root = &node;
    } else {
      stack_.back()->children.push_back({stack_.back()->type == NodeType::kMap ? key_ : nullptr, &node});
    }
    return node;
  }
  bool Add(NodeType type, std::string text) {
    Attach(type).text = std::move(text);
    return true;
  }
  bool Open(NodeType type) {
    if (stack_.size() >= kMaxDepth) {
      error_ = fmt::format("nested deeper than {} levels", kMaxDepth);
      return false;
    }
    stack_.push_back(&Attach(type));
    return true;
  }
  bool Close() {
    if (stack_.back()->type == NodeType::kMap) KeepLastOfEqualKeys(stack_.back()->children);
    stack_.pop_back();
    return true;
  }

  Document& document_;
  std::vector<Node*> stack_;
  const Node* key_ = nullptr;
  std::string error_;
};

}  // namespace

void AppendJsonString(std::string_view text, std::string& out) {
  out += '"';
  const char* run = text.data();
  const char* const end = run + text.size();
  for (const char* p = run; p != end;) {
    if (kPlain[static_cast<unsigned char>(*p)]) {
      ++p;
      continue;
    }
    const std::size_t length = Utf8Length(p, end);
    if (length > 1) {
      p += length;
      continue;
    }
    out.append(run, p);
    if (length == 1) {
      AppendEscaped(*p, out);
    } else {
      out += kReplacementCharacter;
    }
    run = ++p;
  }
  out.append(run, end);
  out += '"';
}

absl::StatusOr<Document> ParseJson(std::string_view text) {
  Document document;
  NodeBuilder builder(document);
  if (!nlohmann::json::sax_parse(text.begin(), text.end(), &builder)) {
    return absl::InvalidArgumentError("not valid JSON: " + builder.error());
  }
  return document;
}

bool SameJson(const Node& a, const Node& b) {
  if (!a.IsScalar() || !b.IsScalar()) {
    if (a.type != b.type || a.children.size() != b.children.size()) return false;
    if (a.type == NodeType::kList) {
      return std::equal(
          a.children.begin(), a.children.end(), b.children.begin(),
          [](const Node::Child& x, const Node::Child& y) { return SameJson(*x.value, *y.value); });
    }
    std::unordered_map<std::string_view, const Node*> values;
    for (const Node::Child& child : b.children) values.emplace(child.key->text, child.value);
    return std::all_of(a.children.begin(), a.children.end(), [&](const Node::Child& child) {
      const auto found = values.find(child.key->text);
      return found != values.end() && SameJson(*child.value, *found->second);
    });
  }
  std::string text_a, text_b;
  AppendJson(a, text_a);
  AppendJson(b, text_b);
  if (text_a == text_b) return true;
  const auto is_number = [](const Node& node) {
    return node.type == NodeType::kInt || node.type == NodeType::kFloat;
  };
  return is_number(a) && is_number(b) && (a.type == NodeType::kFloat || b.type == NodeType::kFloat) &&
         ParseDouble(text_a) == ParseDouble(text_b);
}

std::string IndentJson(std::string_view compact) {
  std::string out;
  out.reserve(compact.size() * 2);
  int depth = 0;
  bool in_string = false;
  const auto new_line = [&] { out.append(1, '\n').append(2 * depth, ' '); };
  for (std::size_t i = 0; i < compact.size(); ++i) {
    const char c = compact[i];
    if (in_string) {
      out += c;
      if (c == '\\') {
        out += compact[++i];
      } else if (c == '"') {
        in_string = false;
      }
      continue;
    }
    switch (c) {
      case '"':
        in_string = true;
        out += c;
        break;
      case '{':
      case '[':
        out += c;
        if (i + 1 < compact.size() && (compact[i + 1] == '}' || compact[i + 1] == ']')) {
          out += compact[++i];
        } else {
          ++depth;
          new_line();
        }
        break;
      case '}':
      case ']':
        --depth;
        new_line();
        out += c;
        break;
      case ',':
        out += c;
        new_line();
        break;
      case ':':
        out += ": ";
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace qalam::api
