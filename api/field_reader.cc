#include "api/field_reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "api/did_you_mean.h"
#include "api/json_text.h"
#include "api/times.h"
#include "base/number_text.h"

namespace qalam::api {
namespace {

constexpr std::size_t kMostErrors = 1'000;  // of one document; nobody reads more

}  // namespace

void ReadContext::Error(FieldErrorType type, const FieldPath& path, const Node& node, std::string detail) {
  if (errors.size() >= kMostErrors) return;
  errors.push_back({.type = type,
                    .field = path.Text(),
                    .value = type == FieldErrorType::kRequired ? "" : Shortened(node),
                    .detail = std::move(detail),
                    .line = node.line,
                    .column = node.column});
}

void ReadContext::WrongType(const FieldPath& path, const Node& node, std::string_view wanted) {
  Error(FieldErrorType::kInvalid, path, node, fmt::format("must be {}, not {}", wanted, TypeText(node)));
}

bool ReadText(ReadContext& context, const FieldPath& path, const Node& node, std::string& out) {
  if (node.type == NodeType::kText || (context.strict && node.IsScalar())) {
    out = node.text;
    return true;
  }
  context.WrongType(path, node, "text");
  return false;
}

void ReadValue(ReadContext& context, const FieldPath& path, const Node& node, std::string& out) {
  ReadText(context, path, node, out);
}

void ReadInteger(ReadContext& context, const FieldPath& path, const Node& node, std::int64_t min,
                 std::int64_t max, std::int64_t& out) {
  if (node.type == NodeType::kFloat) {
    return context.Error(FieldErrorType::kInvalid, path, node, "must be a whole number");
  }
  if (node.type != NodeType::kInt) return context.WrongType(path, node, "an integer");
  std::string digits;
  AppendJson(node, digits);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size() || value < min || value > max) {
    return context.Error(FieldErrorType::kInvalid, path, node,
                         fmt::format("must be from {} to {}", min, max));
  }
  out = value;
}

void ReadValue(ReadContext&, const FieldPath&, const Node& node, JsonText& out) {
  out.text.clear();
  AppendJson(node, out.text);
}

void ReadValue(ReadContext& context, const FieldPath& path, const Node& node, StringMap& out) {
  if (node.type != NodeType::kMap) return context.WrongType(path, node, "a map of texts");
  out.clear();
  for (const Node::Child& child : node.children) {
    ReadText(context, path.Field(child.key->text), *child.value, out[child.key->text]);
  }
}

void ReadValue(ReadContext& context, const FieldPath& path, const Node& node, bool& out) {
  if (node.type != NodeType::kBool) return context.WrongType(path, node, "true or false");
  std::string text;
  AppendJson(node, text);
  out = text == "true";
}

void ReadValue(ReadContext& context, const FieldPath& path, const Node& node, double& out) {
  std::optional<double> value;
  if (node.IsScalar()) value = ParseDouble(node.text);
  if (!value || !std::isfinite(*value)) return context.WrongType(path, node, "a finite number");
  out = *value;
}

void ReadValue(ReadContext& context, const FieldPath& path, const Node& node, absl::Time& out) {
  std::string text;
  if (!ReadText(context, path, node, text)) return;
  if (const std::optional<absl::Time> time = ParseTime(text)) {
    out = *time;
  } else {
    context.Error(FieldErrorType::kInvalid, path, node,
                  "must be an RFC 3339 time such as 2026-06-01T09:30:00Z");
  }
}

void ReadEnumError(ReadContext& context, const FieldPath& path, const Node& node,
                   std::vector<std::string_view> texts) {
  std::string detail = fmt::format("must be one of {}", fmt::join(texts, ", "));
  const std::string_view nearest = Nearest(node.text, texts);
  if (!nearest.empty()) detail += fmt::format("; did you mean \"{}\"?", nearest);
  context.Error(FieldErrorType::kInvalid, path, node, std::move(detail));
}

void ReadValue(ReadContext& context, const FieldPath& path, const Node& node, FeasibleSpace& out) {
  const Node* misplaced = node.Find("distribution");
  if (misplaced == nullptr || misplaced->type != NodeType::kList || node.Find("list") != nullptr) {
    return ReadStruct(context, path, node, out);
  }
  const FieldPath list = path.Field("list");
  for (std::size_t i = 0; i < misplaced->children.size(); ++i) {
    const Node& item = *misplaced->children[i].value;
    if (!item.IsScalar()) {
      context.WrongType(list.Element(i), item, "text");
    } else {
      out.list.push_back(item.text);
    }
  }
  Node rest = node;
  std::erase_if(rest.children, [](const Node::Child& child) { return child.key->text == "distribution"; });
  ReadStruct(context, path, rest, out);
}

void FieldReader::Rest(JsonText& out) {
  out.text = "{";
  for (std::size_t i = 0; i < map_.children.size(); ++i) {
    if (taken_[i]) continue;
    taken_[i] = true;
    const Node::Child& child = map_.children[i];
    if (child.value->type == NodeType::kNull) continue;
    if (out.text.size() > 1) out.text += ',';
    AppendJsonString(child.key->text, out.text);
    out.text += ':';
    AppendJson(*child.value, out.text);
  }
  out.text += '}';
}

const Node* FieldReader::Take(std::string_view name) {
  if (context_.strict) names_.push_back(name);
  const std::size_t count = map_.children.size();
  for (std::size_t step = 0, i = next_; step < count; ++step, ++i) {
    if (i >= count) i -= count;
    if (map_.children[i].key->text != name) continue;
    taken_[i] = true;
    next_ = i + 1;
    const Node* value = map_.children[i].value;
    return value->type == NodeType::kNull ? nullptr : value;
  }
  return nullptr;
}

void FieldReader::Finish() {
  if (!context_.strict && context_.unknown == nullptr) return;
  for (std::size_t i = 0; i < taken_.size(); ++i) {
    if (taken_[i]) continue;
    const Node& key = *map_.children[i].key;
    if (!context_.strict) {
      if (context_.unknown->size() < kMostErrors) context_.unknown->push_back(path_.Field(key.text).Text());
      continue;
    }
    const std::string_view nearest = Nearest(key.text, names_);
    context_.Error(FieldErrorType::kUnknownField, path_.Field(key.text), key,
                   nearest.empty() ? fmt::format("no such field; there are {}", fmt::join(names_, ", "))
                                   : fmt::format("no such field; did you mean \"{}\"?", nearest));
  }
}

void FieldReader::Port(std::string_view name, std::string& port, bool& is_number) {
  const Node* node = Take(name);
  if (node == nullptr) return;
  if (node->type == NodeType::kInt) {
    std::int64_t number = 0;
    ReadInteger(context_, path_.Field(name), *node, 0, 65535, number);
    port = std::to_string(number);
    is_number = true;
  } else if (ReadText(context_, path_.Field(name), *node, port)) {
    is_number = false;
  }
}

void FieldReader::KindText(std::string_view name, CollectorKind& kind, std::string& text) {
  const Node* node = Take(name);
  std::string read;
  if (node == nullptr || !ReadText(context_, path_.Field(name), *node, read) || read.empty()) return;
  const std::optional<CollectorKind> known = EnumFromText<CollectorKind>(read);
  kind = known.value_or(CollectorKind::kInvalid);
  text = known ? std::string() : read;
}

}  // namespace qalam::api
