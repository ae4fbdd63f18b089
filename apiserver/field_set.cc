#include "apiserver/field_set.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "apiserver/request_body.h"

namespace qalam::apiserver {
namespace {

using nlohmann::json;

constexpr std::string_view kSelf = ".";

// In one form of several that mean the same; none for a kind of element that is not known.
absl::StatusOr<std::optional<std::string>> ReadElement(const std::string& key) {
  const std::string_view kind = std::string_view(key).substr(0, 2),
                         rest = std::string_view(key).substr(kind.size());
  if (kind == "f:" || kind == "i:") return std::optional(key);
  if (kind != "v:" && kind != "k:") {
    if (kind.size() == 2 && kind[1] == ':') return std::optional<std::string>();
    return absl::InvalidArgumentError(fmt::format(
        "fieldsV1: \"{}\" is no path element: expected \".\", or f:, v:, k: or i: and what it names", key));
  }
  constexpr int kMaxDepth = 100;  // the text stands in a document that is no deeper, but as text
  const json value = IsDeeperThan(rest, kMaxDepth)
                         ? json(json::value_t::discarded)
                         : json::parse(rest.begin(), rest.end(), nullptr, /*allow_exceptions=*/false);
  if (value.is_discarded() || (kind == "k:" && !value.is_object())) {
    return absl::InvalidArgumentError(
        fmt::format("fieldsV1: \"{}\" is no path element: expected JSON after \"{}\"", key, kind));
  }
  return std::optional(std::string(kind) + value.dump(-1, ' ', false, json::error_handler_t::replace));
}

std::string ElementText(std::string_view element) {
  const std::string_view rest = element.substr(2);
  switch (element[0]) {
    case 'f':
      return fmt::format(".{}", rest);
    case 'v':
      return fmt::format("[={}]", rest);
    case 'k': {
      std::string keys;
      const json key = json::parse(rest.begin(), rest.end());  // this program wrote it
      for (const auto& [name, value] : key.items()) {
        keys += fmt::format("{}{}={}", keys.empty() ? "" : ",", name, value.dump());
      }
      return fmt::format("[{}]", keys);
    }
    default:
      return fmt::format("[{}]", rest);
  }
}

void AddPathTexts(const FieldSet& set, const std::string& prefix, std::vector<std::string>& texts) {
  for (const auto& [element, child] : set.children) {
    if (child.member) texts.push_back(prefix + ElementText(element));
  }
  for (const auto& [element, child] : set.children) {
    if (!child.children.empty()) AddPathTexts(child, prefix + ElementText(element), texts);
  }
}

}  // namespace

void FieldSet::Attach(std::string element, FieldSet child) {
  if (!child.empty()) children.insert_or_assign(std::move(element), std::move(child));
}

FieldSet Union(FieldSet a, const FieldSet& b) {
  a.member |= b.member;
  for (const auto& [element, child] : b.children) {
    FieldSet& mine = a.children[element];
    mine = Union(std::move(mine), child);
  }
  return a;
}

FieldSet Difference(FieldSet a, const FieldSet& b) {
  a.member &= !b.member;
  for (const auto& [element, child] : b.children) {
    const auto found = a.children.find(element);
    if (found == a.children.end()) continue;
    found->second = Difference(std::move(found->second), child);
    if (found->second.empty()) a.children.erase(found);
  }
  return a;
}

FieldSet Intersection(const FieldSet& a, const FieldSet& b) {
  FieldSet both{.member = a.member && b.member, .children = {}};
  for (const auto& [element, child] : a.children) {
    const auto found = b.children.find(element);
    if (found != b.children.end()) both.Attach(element, Intersection(child, found->second));
  }
  return both;
}

absl::StatusOr<FieldSet> ReadFieldsV1(const json& fields) {
  if (!fields.is_object()) {
    return absl::InvalidArgumentError(
        fmt::format("fieldsV1: expected an object, got {}", fields.type_name()));
  }
  FieldSet set;
  for (const auto& [key, below] : fields.items()) {
    if (key == kSelf) {
      set.member = true;
      continue;
    }
    QALAM_ASSIGN_OR_RETURN(const std::optional<std::string> element, ReadElement(key));
    if (!element) continue;
    QALAM_ASSIGN_OR_RETURN(FieldSet child, ReadFieldsV1(below));
    if (child.children.empty()) child.member = true;
    FieldSet& mine = set.children[*element];
    mine = Union(std::move(mine), child);
  }
  return set;
}

json ToFieldsV1(const FieldSet& set) {
  json fields = json::object();
  for (const auto& [element, child] : set.children) {
    json& below = fields[element] = ToFieldsV1(child);
    if (child.member && !child.children.empty()) below[kSelf] = json::object();
  }
  return fields;
}

std::vector<std::string> PathTexts(const FieldSet& set) {
  std::vector<std::string> texts;
  AddPathTexts(set, "", texts);
  return texts;
}

}  // namespace qalam::apiserver
