#include "apiserver/structured_merge.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <set>

namespace qalam::apiserver {

using nlohmann::json;

struct Shape {
  std::map<std::string_view, const Shape*> fields = {};  // members with a name of their own in the schema
  bool all_named = false;                                // every member is such a field
  bool items_owned = false;                              // a list is owned item by item; items are leaves
  std::string_view item_key = {};                        // what tells items apart; empty: their value

  bool Names(std::string_view member) const { return all_named || fields.contains(member); }
  const Shape& Of(std::string_view member) const;
};

namespace {

const Shape kAny{};
const Shape kSetList{.items_owned = true};
const Shape kListByUid{.items_owned = true, .item_key = "uid"};
const Shape kMetadata{.fields = {{"finalizers", &kSetList}, {"ownerReferences", &kListByUid}},
                      .all_named = true};
const Shape kCustom{.fields = {{"apiVersion", &kAny}, {"kind", &kAny}, {"metadata", &kMetadata}}};
const Shape kBuiltIn{.fields = {{"metadata", &kMetadata}}, .all_named = true};

// How a value is walked. Null may stand for anything and is walked as an empty object.
enum class Form { kNull, kObject, kList, kScalar };

Form FormOf(const json& value) {
  if (value.is_null()) return Form::kNull;
  if (value.is_object()) return Form::kObject;
  return value.is_array() ? Form::kList : Form::kScalar;
}

std::string FieldElement(std::string_view name) { return fmt::format("f:{}", name); }

std::string ItemElement(const json& item, const Shape& shape) {
  const auto dump = [](const json& value) {
    return value.dump(-1, ' ', false, json::error_handler_t::replace);
  };
  if (shape.item_key.empty()) return "v:" + dump(item);
  json key = json::object();
  if (item.is_object() && item.contains(shape.item_key))
    key[std::string(shape.item_key)] = item[std::string(shape.item_key)];
  return "k:" + dump(key);
}

// The members of an object, or the items of a list that is owned item by item, by path element. Values may be
// absent.
struct Member {
  std::string_view name;  // of a member of an object
  const json* value;
};
using Members = std::map<std::string, Member>;

Members MembersOf(const json* value, Form form, const Shape& shape) {
  Members members;
  if (value == nullptr) return members;
  if (form == Form::kList && value->is_array()) {
    for (const json& item : *value) members.emplace(ItemElement(item, shape), Member{{}, &item});
  } else if (form != Form::kList && value->is_object()) {
    for (auto i = value->begin(); i != value->end(); ++i)
      members.emplace(FieldElement(i.key()), Member{i.key(), &*i});
  }
  return members;
}

bool HasNothing(const json* value, Form form) {
  if (value == nullptr) return true;
  return form == Form::kList ? !value->is_array() || value->empty() : !value->is_object() || value->empty();
}

// A value that is taken or left as a whole. An empty object is one, too, which keeps it apart from an absent
// one.
bool IsLeaf(const json* a, const json* b, Form form, const Shape& shape) {
  if (form == Form::kScalar || (form == Form::kList && !shape.items_owned)) return true;
  return HasNothing(a, form) && HasNothing(b, form);
}

Comparison CompareValues(const json* a, const json* b, const Shape& shape);

// Returns whether the values are leaves when they are walked in that form.
bool CompareAs(Form form, const json* a, const json* b, const Shape& shape, Comparison& result) {
  if (IsLeaf(a, b, form, shape)) {
    if (a == nullptr) {
      result.added.member = true;
    } else if (b == nullptr) {
      result.removed.member = true;
    } else if (*a != *b) {
      result.modified.member = true;
    }
    return true;
  }
  const Members before = MembersOf(a, form, shape), after = MembersOf(b, form, shape);
  const auto add = [&](const std::string& element, const Member& member, const json* x, const json* y) {
    Comparison below;
    if (form == Form::kList) {
      CompareAs(Form::kScalar, x, y, kAny, below);
    } else {
      below = CompareValues(x, y, shape.Of(member.name));
    }
    result.removed.Attach(element, std::move(below.removed));
    result.modified.Attach(element, std::move(below.modified));
    result.added.Attach(element, std::move(below.added));
  };
  for (const auto& [element, member] : before) {
    const auto other = after.find(element);
    add(element, member, member.value, other == after.end() ? nullptr : other->second.value);
  }
  for (const auto& [element, member] : after) {
    if (!before.contains(element)) add(element, member, nullptr, member.value);
  }
  return false;
}

Comparison CompareValues(const json* a, const json* b, const Shape& shape) {
  Comparison result;
  const Form form = FormOf(b != nullptr ? *b : *a);
  if (a != nullptr && b != nullptr && FormOf(*a) != form) {
    Comparison old;
    CompareAs(FormOf(*a), a, b, shape, old);
    CompareAs(form, a, b, shape, result);
    return {Union(std::move(result.removed), old.removed), Union(std::move(result.modified), old.modified),
            Union(std::move(result.added), old.added)};
  }
  if (!CompareAs(form, a, b, shape, result)) {
    if (a == nullptr) result.added.member = true;
    if (b == nullptr) result.removed.member = true;
  }
  return result;
}

std::optional<json> MergeValues(const json* a, const json* b, const Shape& shape) {
  const Form form = FormOf(b != nullptr ? *b : *a);
  if (IsLeaf(a, b, form, shape)) return b != nullptr ? *b : *a;
  if (form == Form::kList) {
    json items = json::array();
    const Members applied = MembersOf(b, form, shape);
    std::set<std::string> taken;
    for (const json* list : {a, b}) {
      if (list == nullptr || !list->is_array()) continue;
      for (const json& item : *list) {
        const std::string element = ItemElement(item, shape);
        const auto newer = applied.find(element);
        if (taken.insert(element).second)
          items.push_back(newer == applied.end() ? item : *newer->second.value);
      }
    }
    return items;
  }
  json object = json::object();
  const Members before = MembersOf(a, form, shape), after = MembersOf(b, form, shape);
  const auto add = [&](std::string_view name, const json* x, const json* y) {
    if (auto value = MergeValues(x, y, shape.Of(name))) object[std::string(name)] = *std::move(value);
  };
  for (const auto& [element, member] : before) {
    const auto other = after.find(element);
    add(member.name, member.value, other == after.end() ? nullptr : other->second.value);
  }
  for (const auto& [element, member] : after) {
    if (!before.contains(element)) add(member.name, nullptr, member.value);
  }
  return object.empty() ? std::nullopt : std::optional(std::move(object));
}

absl::Status CheckList(const json& list, const Shape& shape, std::string_view path) {
  std::set<std::string> seen;
  for (const json& item : list) {
    if (!shape.item_key.empty() && !(item.is_object() && item.contains(shape.item_key))) {
      return absl::InvalidArgumentError(fmt::format("{}: an item has no {}", path, shape.item_key));
    }
    if (const std::string element = ItemElement(item, shape); !seen.insert(element).second) {
      return absl::InvalidArgumentError(fmt::format("{}: {} is there twice", path, element.substr(2)));
    }
  }
  return absl::OkStatus();
}

}  // namespace

const Shape& Shape::Of(std::string_view member) const {
  const auto found = fields.find(member);
  return found == fields.end() ? kAny : *found->second;
}

const Shape& ShapeOf(std::string_view api_version) {
  return api_version.find('.') == std::string_view::npos ? kBuiltIn : kCustom;
}

Comparison Compare(const json& before, const json& after, const Shape& shape) {
  return CompareValues(&before, &after, shape);
}

FieldSet FieldsOf(const json& document, const Shape& shape) {
  FieldSet fields;
  const Form form = FormOf(document);
  if (form == Form::kScalar || (form == Form::kList && !shape.items_owned)) {
    fields.member = true;
    return fields;
  }
  for (const auto& [element, member] : MembersOf(&document, form, shape)) {
    if (form == Form::kList) {
      fields.Attach(element, {.member = true, .children = {}});
      continue;
    }
    FieldSet below = FieldsOf(*member.value, shape.Of(member.name));
    const bool holds_nothing =
        member.value->is_null() || (member.value->is_object() && member.value->empty());
    if (holds_nothing || !shape.Names(member.name)) below.member = true;
    fields.Attach(element, std::move(below));
  }
  return fields;
}

json Merged(const json& live, const json& applied, const Shape& shape) {
  return MergeValues(&live, &applied, shape).value_or(json());
}

json Without(const json& document, const FieldSet& fields, const Shape& shape) {
  const Form form = FormOf(document);
  if (form == Form::kScalar) return document;
  json rest;
  if (form == Form::kList) {
    if (!shape.items_owned) return rest;
    for (const json& item : document) {
      const auto found = fields.children.find(ItemElement(item, shape));
      if (found == fields.children.end() || !found->second.member) rest.push_back(item);
    }
    return rest;
  }
  for (const auto& [element, member] : MembersOf(&document, form, shape)) {
    const auto found = fields.children.find(element);
    if (found == fields.children.end()) {
      rest[std::string(member.name)] = *member.value;
    } else if (!found->second.member) {
      rest[std::string(member.name)] = Without(*member.value, found->second, shape.Of(member.name));
    }
  }
  return rest;
}

FieldSet WithNamedFields(FieldSet set, const Shape& shape) {
  for (auto& [element, child] : set.children) {
    if (child.children.empty() || !element.starts_with("f:")) continue;
    const std::string_view name = std::string_view(element).substr(2);
    child = WithNamedFields(std::move(child), shape.Of(name));
    if (shape.Names(name)) child.member = true;
  }
  return set;
}

absl::Status CheckItems(const json& document, const Shape& shape, std::string_view path) {
  for (const auto& [name, field] : shape.fields) {
    if (!document.is_object() || !document.contains(name)) continue;
    const json& value = document.at(std::string(name));
    const std::string at = fmt::format("{}{}{}", path, path.empty() ? "" : ".", name);
    QALAM_RETURN_IF_ERROR(field->items_owned && value.is_array() ? CheckList(value, *field, at)
                                                                 : CheckItems(value, *field, at));
  }
  return absl::OkStatus();
}

}  // namespace qalam::apiserver
