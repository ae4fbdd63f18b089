#include "api/schema.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/did_you_mean.h"
#include "api/field_path.h"

namespace qalam::api {
namespace {

constexpr std::size_t kMostErrors = 100;

class Checker {
 public:
  explicit Checker(std::vector<SchemaError>& errors) : errors_(errors) {}

  void Object(const FieldPath& path, const Node& node, std::span<const SchemaField> fields) {
    if (node.type != NodeType::kMap) return WrongType(path, node, "a map");
    for (const Node::Child& child : node.children) {
      const std::string& name = child.key->text;
      const auto field =
          std::find_if(fields.begin(), fields.end(), [&](const SchemaField& f) { return f.name == name; });
      if (field == fields.end()) {
        Unknown(path.Field(name), *child.value, name, fields);
      } else if (child.value->type != NodeType::kNull) {
        Value(path.Field(name), *child.value, *field);
      }
    }
  }

 private:
  void Value(const FieldPath& path, const Node& node, const SchemaField& field) {
    switch (field.type) {
      case SchemaType::kAny:
        return;
      case SchemaType::kText:
        return Text(path, node);
      case SchemaType::kInteger:
        if (node.type != NodeType::kInt) WrongType(path, node, "an integer");
        return;
      case SchemaType::kBoolean:
        if (node.type != NodeType::kBool) WrongType(path, node, "true or false");
        return;
      case SchemaType::kIntegerOrText:
        if (node.type != NodeType::kInt) Text(path, node);
        return;
      case SchemaType::kTexts:
        return ForEach(path, node, [&](const FieldPath& p, const Node& n) { Text(p, n); });
      case SchemaType::kObject:
        return Object(path, node, field.fields);
      case SchemaType::kObjects:
        return ForEach(path, node, [&](const FieldPath& p, const Node& n) { Object(p, n, field.fields); });
      case SchemaType::kTextMap:
      case SchemaType::kQuantities:
        if (node.type != NodeType::kMap) return WrongType(path, node, "a map");
        for (const Node::Child& child : node.children) {
          const FieldPath below = path.Field(child.key->text);
          if (field.type == SchemaType::kTextMap) {
            Text(below, *child.value);
          } else if (!child.value->IsScalar()) {
            WrongType(below, *child.value, "a quantity such as 500m or 1Gi");
          }
        }
    }
  }

  template <class F>
  void ForEach(const FieldPath& path, const Node& node, F check) {
    if (node.type != NodeType::kList) return WrongType(path, node, "a list");
    for (std::size_t i = 0; i < node.children.size(); ++i) check(path.Element(i), *node.children[i].value);
  }

  void Text(const FieldPath& path, const Node& node) {
    if (node.type == NodeType::kText) return;
    WrongType(path, node, node.IsScalar() ? "text: put it in quotes" : "text");
  }

  void WrongType(const FieldPath& path, const Node& node, std::string_view wanted) {
    const bool quotes = wanted.ends_with("quotes");
    Add(path, node,
        quotes ? fmt::format("must be {}", wanted)
               : fmt::format("must be {}, not {}", wanted, TypeText(node)));
  }

  void Unknown(const FieldPath& path, const Node& node, std::string_view name,
               std::span<const SchemaField> fields) {
    std::vector<std::string_view> names;
    for (const SchemaField& field : fields) names.push_back(field.name);
    const std::string_view nearest = Nearest(name, names);
    if (!nearest.empty()) return Add(path, node, fmt::format("no such field; did you mean \"{}\"?", nearest));
    std::string known;
    for (const std::string_view field : names) known += (known.empty() ? "" : ", ") + std::string(field);
    Add(path, node, fmt::format("no such field; there are {}", known));
  }

  void Add(const FieldPath& path, const Node& node, std::string detail) {
    if (errors_.size() < kMostErrors) errors_.push_back({path.Text(), Shortened(node), std::move(detail)});
  }

  std::vector<SchemaError>& errors_;
};

}  // namespace

std::vector<SchemaError> CheckSchema(const Node& object, std::span<const SchemaField> fields) {
  std::vector<SchemaError> errors;
  Checker(errors).Object({}, object, fields);
  return errors;
}

}  // namespace qalam::api
