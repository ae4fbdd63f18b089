// The visitor that reads the fields of a struct out of a node. Internal to this room.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "api/enum_text.h"
#include "api/field_error.h"
#include "api/field_path.h"
#include "api/fields.h"
#include "api/node.h"

namespace qalam::api {

struct ReadContext {
  /// Manifests: unknown fields are errors, and plain scalars are taken as text where text is wanted.
  /// Otherwise unknown fields are dropped, and JSON types must fit.
  bool strict = false;
  FieldErrors errors;
  std::vector<std::string>* unknown = nullptr;  // gets the paths of fields that are dropped

  void Error(FieldErrorType type, const FieldPath& path, const Node& node, std::string detail);
  /// `wanted`: what the field holds, "a list".
  void WrongType(const FieldPath& path, const Node& node, std::string_view wanted);
};

bool ReadText(ReadContext& context, const FieldPath& path, const Node& node, std::string& out);
void ReadInteger(ReadContext& context, const FieldPath& path, const Node& node, std::int64_t min,
                 std::int64_t max, std::int64_t& out);
void ReadValue(ReadContext& context, const FieldPath& path, const Node& node, std::string& out);
void ReadValue(ReadContext& context, const FieldPath& path, const Node& node, JsonText& out);
void ReadValue(ReadContext& context, const FieldPath& path, const Node& node, StringMap& out);
void ReadValue(ReadContext& context, const FieldPath& path, const Node& node, bool& out);
void ReadValue(ReadContext& context, const FieldPath& path, const Node& node, double& out);
void ReadValue(ReadContext& context, const FieldPath& path, const Node& node, absl::Time& out);
/// Reports a text that is no value of an enumeration.
void ReadEnumError(ReadContext& context, const FieldPath& path, const Node& node,
                   std::vector<std::string_view> texts);

template <std::signed_integral I>
void ReadValue(ReadContext& context, const FieldPath& path, const Node& node, I& out) {
  std::int64_t value = out;
  ReadInteger(context, path, node, std::numeric_limits<I>::min(), std::numeric_limits<I>::max(), value);
  out = static_cast<I>(value);
}

template <WireEnum E>
void ReadValue(ReadContext& context, const FieldPath& path, const Node& node, E& out) {
  std::string text;
  if (!ReadText(context, path, node, text) || text.empty()) return;
  if (const std::optional<E> value = EnumFromText<E>(text)) {
    out = *value;
    return;
  }
  std::vector<std::string_view> texts;
  for (const auto& [value, known] : EnumTexts<E>::kTexts) texts.push_back(known);
  ReadEnumError(context, path, node, std::move(texts));
}

template <class T>
void ReadValue(ReadContext& context, const FieldPath& path, const Node& node, std::vector<T>& out) {
  if (node.type != NodeType::kList) return context.WrongType(path, node, "a list");
  out.clear();
  out.reserve(node.children.size());
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    ReadValue(context, path.Element(i), *node.children[i].value, out.emplace_back());
  }
}

template <class T>
void ReadValue(ReadContext& context, const FieldPath& path, const Node& node, Shared<T>& out) {
  T value;
  ReadValue(context, path, node, value);
  out = Shared<T>(std::move(value));
}

template <class T>
void ReadValue(ReadContext& context, const FieldPath& path, const Node& node, std::optional<T>& out) {
  ReadValue(context, path, node, out.emplace());
}

class FieldReader {
 public:
  FieldReader(ReadContext& context, const FieldPath& path, const Node& map)
      : context_(context), path_(path), map_(map), taken_(map.children.size()) {}

  template <class T>
  void operator()(std::string_view name, T& out) {
    if (const Node* node = Take(name)) ReadValue(context_, path_.Field(name), *node, out);
  }
  template <class T>
  void Always(std::string_view name, T& out) {
    (*this)(name, out);
  }
  template <class T>
  void OmitDefault(std::string_view name, T& out) {
    (*this)(name, out);
  }
  template <class T>
  void Required(std::string_view name, std::optional<T>& out) {
    (*this)(name, out.emplace());
  }
  template <class F>
  void Group(std::string_view name, bool, F fields) {
    const Node* node = Take(name);
    if (node == nullptr) return;
    const FieldPath path = path_.Field(name);
    if (node->type != NodeType::kMap) return context_.WrongType(path, *node, "a map");
    FieldReader group(context_, path, *node);
    fields(group);
    group.Finish();
  }
  void Count(std::string_view name, std::size_t) { Take(name); }
  void Ignored(std::string_view name) { Take(name); }
  void Rest(JsonText& out);
  void Port(std::string_view name, std::string& port, bool& is_number);
  void KindText(std::string_view name, CollectorKind& kind, std::string& text);

  /// Takes the field; null when it is absent or null.
  const Node* Take(std::string_view name);
  /// Reports what was not taken.
  void Finish();

 private:
  ReadContext& context_;
  const FieldPath& path_;
  const Node& map_;
  std::vector<bool> taken_;
  std::size_t next_ = 0;  // fields mostly come in wire order
  std::vector<std::string_view> names_;
};

template <class T>
void ReadStruct(ReadContext& context, const FieldPath& path, const Node& node, T& out) {
  if (node.type != NodeType::kMap) {
    if (node.type != NodeType::kNull) context.WrongType(path, node, "a map");
    return;
  }
  FieldReader reader(context, path, node);
  Fields(reader, out);
  reader.Finish();
}

template <class T>
requires std::is_class_v<T>
void ReadValue(ReadContext& context, const FieldPath& path, const Node& node, T& out) {
  ReadStruct(context, path, node, out);
}

/// Katib's Python SDK puts the choices of a categorical parameter where the distribution belongs.
void ReadValue(ReadContext& context, const FieldPath& path, const Node& node, FeasibleSpace& out);

}  // namespace qalam::api
