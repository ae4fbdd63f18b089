#include "cli/spec_diff.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "api/codec.h"
#include "cli/text_width.h"

namespace qalam::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kLongestValue = 200;

std::string ValueText(const Json* value) {
  return value == nullptr ? "(none)" : CutToWidth(Printable(value->dump(), true), kLongestValue, true);
}

const Json* Member(const Json& object, const std::string& name) {
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

// Lists whose elements all carry a distinct name are compared as if they were objects.
Json ByName(const Json& list) {
  Json named = Json::object();
  for (const Json& element : list) {
    const Json* name = element.is_object() ? Member(element, "name") : nullptr;
    if (name == nullptr || !name->is_string() || named.contains(name->get<std::string>())) return Json();
    named[name->get<std::string>()] = element;
  }
  return named;
}

void Compare(const std::string& path, const Json* before, const Json* after, std::vector<std::string>& lines);

void CompareMembers(const std::string& path, const Json& before, const Json& after, bool brackets,
                    std::vector<std::string>& lines) {
  const auto member_path = [&](const std::string& name) {
    return brackets ? fmt::format("{}[{}]", path, name) : fmt::format("{}.{}", path, name);
  };
  for (const auto& [name, value] : before.items())
    Compare(member_path(name), &value, Member(after, name), lines);
  for (const auto& [name, value] : after.items()) {
    if (!before.contains(name)) Compare(member_path(name), nullptr, &value, lines);
  }
}

void Compare(const std::string& path, const Json* before, const Json* after,
             std::vector<std::string>& lines) {
  if (before != nullptr && after != nullptr) {
    if (*before == *after) return;
    if (before->is_object() && after->is_object()) return CompareMembers(path, *before, *after, false, lines);
    if (before->is_array() && after->is_array() && !before->empty() && !after->empty()) {
      const Json named_before = ByName(*before), named_after = ByName(*after);
      if (named_before.is_object() && named_after.is_object()) {
        const size_t found = lines.size();
        CompareMembers(path, named_before, named_after, true, lines);
        if (lines.size() == found) lines.push_back(path + ": the same elements in another order");
        return;
      }
      if (before->size() == after->size()) {
        for (size_t i = 0; i < before->size(); ++i) {
          Compare(fmt::format("{}[{}]", path, i), &(*before)[i], &(*after)[i], lines);
        }
        return;
      }
    }
  }
  lines.push_back(fmt::format("{}: {} -> {}", path, ValueText(before), ValueText(after)));
}

// Only the specification goes through the codec, so that huge statuses cost nothing.
Json SpecOf(const api::Experiment& experiment) {
  api::Experiment bare;
  bare.spec = experiment.spec;
  const Json document = Json::parse(api::ToJson(bare), nullptr, /*allow_exceptions=*/false);
  return document.is_object() ? document.value("spec", Json::object()) : Json::object();
}

}  // namespace

std::vector<std::string> SpecDifferences(const api::Experiment& before, const api::Experiment& after) {
  std::vector<std::string> lines;
  const Json old_spec = SpecOf(before), new_spec = SpecOf(after);
  Compare("spec", &old_spec, &new_spec, lines);
  return lines;
}

}  // namespace qalam::cli
