#include "api/schema_json.h"

#include <concepts>
#include <nlohmann/json.hpp>
#include <string>
#include <type_traits>
#include <vector>

#include "api/codec.h"
#include "api/enum_text.h"
#include "api/field_descriptions.h"
#include "api/fields.h"
#include "api/shared.h"
#include "api/struct_names.h"

namespace qalam::api {
namespace {

using Json = nlohmann::ordered_json;

Json FreeForm() { return {{"type", "object"}, {"x-kubernetes-preserve-unknown-fields", true}}; }

template <class T>
Json TypeOf(std::type_identity<T>);  // a struct
template <WireEnum E>
Json TypeOf(std::type_identity<E>);
template <class T>
Json TypeOf(std::type_identity<std::optional<T>>);
template <class T>
Json TypeOf(std::type_identity<Shared<T>>);
template <class T>
Json TypeOf(std::type_identity<std::vector<T>>);

Json TypeOf(std::type_identity<std::string>) { return {{"type", "string"}}; }
Json TypeOf(std::type_identity<bool>) { return {{"type", "boolean"}}; }
Json TypeOf(std::type_identity<std::int32_t>) { return {{"type", "integer"}, {"format", "int32"}}; }
Json TypeOf(std::type_identity<std::int64_t>) { return {{"type", "integer"}, {"format", "int64"}}; }
Json TypeOf(std::type_identity<double>) { return {{"type", "number"}, {"format", "double"}}; }
Json TypeOf(std::type_identity<absl::Time>) { return {{"type", "string"}, {"format", "date-time"}}; }
Json TypeOf(std::type_identity<JsonText>) { return FreeForm(); }
Json TypeOf(std::type_identity<StringMap>) {
  return {{"type", "object"}, {"additionalProperties", {{"type", "string"}}}};
}

template <WireEnum E>
Json TypeOf(std::type_identity<E>) {
  Json texts = Json::array();
  for (const auto& [value, text] : EnumTexts<E>::kTexts) texts.push_back(text);
  return {{"type", "string"}, {"enum", std::move(texts)}};
}

template <class T>
Json TypeOf(std::type_identity<std::optional<T>>) {
  return TypeOf(std::type_identity<T>());
}

template <class T>
Json TypeOf(std::type_identity<Shared<T>>) {
  return TypeOf(std::type_identity<T>());
}

template <class T>
Json TypeOf(std::type_identity<std::vector<T>>) {
  return {
      {"type", "array"}, {"items", TypeOf(std::type_identity<T>())}, {"x-kubernetes-list-type", "atomic"}};
}

// The visitor that writes down a struct's fields.
class FieldSchemas {
 public:
  explicit FieldSchemas(std::string_view owner) : owner_(owner) {}

  template <class T>
  void operator()(std::string_view name, const T&) {
    Add(name, TypeOf(std::type_identity<T>()));
  }
  template <class T>
  void Always(std::string_view name, const T& member) {
    (*this)(name, member);
  }
  template <class T>
  void OmitDefault(std::string_view name, const T& member) {
    (*this)(name, member);
  }
  template <class T>
  void Required(std::string_view name, const T& member) {
    (*this)(name, member);
  }
  template <class F>
  void Group(std::string_view name, bool, F fields) {
    FieldSchemas group(owner_ + "." + std::string(name));
    fields(group);
    Add(name, std::move(group).Schema());
  }
  void Count(std::string_view name, std::size_t) { (*this)(name, std::int32_t()); }
  void Ignored(std::string_view name) { (*this)(name, std::string()); }
  void Rest(const JsonText&) { free_form_ = true; }
  void Port(std::string_view name, const std::string&, bool) {
    Add(name, {{"type", "string"}, {"format", "int-or-string"}, {"x-kubernetes-int-or-string", true}});
  }
  void KindText(std::string_view name, CollectorKind kind, const std::string&) { (*this)(name, kind); }

  void Add(std::string_view name, Json type) {
    Json described;
    if (const std::string_view text = FieldDescription(owner_, name); !text.empty()) {
      described["description"] = text;
    }
    described.update(type);
    properties_[std::string(name)] = std::move(described);
  }

  Json Schema() && {
    Json schema = {{"type", "object"}};
    if (!properties_.empty()) schema["properties"] = std::move(properties_);
    if (free_form_) schema["x-kubernetes-preserve-unknown-fields"] = true;
    return schema;
  }

 private:
  std::string owner_;
  Json properties_ = Json::object();
  bool free_form_ = false;
};

template <class T>
Json TypeOf(std::type_identity<T>) {
  FieldSchemas fields(kStructName<T>);
  const T example{};
  Fields(fields, example);
  return std::move(fields).Schema();
}

// The schema with a description in front.
Json Described(std::string_view kind, Json schema) {
  Json described;
  if (const std::string_view text = KindDescription(kind); !text.empty()) described["description"] = text;
  described.update(schema);
  return described;
}

}  // namespace

Json SchemaOf(Kind kind) {
  FieldSchemas fields{KindName(kind)};
  const std::shared_ptr<const Resource> example = NewResource(kind);
  VisitKind(*example, [&](const auto& typed) { ResourceFields(fields, typed); });
  return Described(KindName(kind), std::move(fields).Schema());
}

Json MetadataSchema() {
  Json schema = Described("ObjectMeta", TypeOf(std::type_identity<ObjectMeta>()));
  Json& managed = schema["properties"]["managedFields"];
  managed["type"] = "array";  // kept as text, because nobody here looks inside
  managed["items"] = FreeForm();
  managed["x-kubernetes-list-type"] = "atomic";
  managed.erase("x-kubernetes-preserve-unknown-fields");
  return schema;
}

}  // namespace qalam::api
