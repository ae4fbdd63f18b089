#include "workload/trial_template.h"

#include <functional>
#include <map>
#include <optional>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "workload/json_parse.h"
#include "workload/yaml_json.h"

namespace qalam::workload {
namespace {

constexpr std::string_view kPlaceholder = "${trialParameters.";
constexpr std::string_view kMetadata = "${trialSpec.";

using Values = std::map<std::string, std::string, std::less<>>;  // by trial parameter

bool IsMetadataReference(std::string_view reference) {
  return reference.starts_with(kMetadata) && reference.ends_with('}');
}

/// One pass: a value is never searched for placeholders.
absl::StatusOr<std::string> Substitute(std::string_view text, const Values& values) {
  std::string result;
  size_t from = 0;
  while (true) {
    const size_t at = text.find(kPlaceholder, from);
    const size_t end = at == std::string_view::npos ? at : text.find('}', at);
    if (end == std::string_view::npos) return result.append(text.substr(from));
    const std::string_view name = text.substr(at + kPlaceholder.size(), end - at - kPlaceholder.size());
    const auto value = values.find(name);
    if (value == values.end()) {
      return absl::InvalidArgumentError(fmt::format(
          "trialTemplate: the placeholder {} has no entry in trialParameters; it must be the name of one",
          text.substr(at, end + 1 - at)));
    }
    result.append(text.substr(from, at - from)).append(value->second);
    from = end + 1;
  }
}

absl::Status SubstituteStrings(Json& value, const Values& values) {
  if (value.is_string()) {
    std::string& text = value.get_ref<std::string&>();
    if (text.find(kPlaceholder) == std::string::npos) return absl::OkStatus();
    QALAM_ASSIGN_OR_RETURN(text, Substitute(text, values));
  } else if (value.is_array()) {
    for (Json& item : value) QALAM_RETURN_IF_ERROR(SubstituteStrings(item, values));
  } else if (value.is_object()) {
    bool keys = false;
    for (auto& [key, item] : value.items()) {
      keys |= key.find(kPlaceholder) != std::string::npos;
      QALAM_RETURN_IF_ERROR(SubstituteStrings(item, values));
    }
    if (!keys) return absl::OkStatus();
    Json renamed = Json::object();
    for (auto& [key, item] : value.items()) {
      QALAM_ASSIGN_OR_RETURN(const std::string name, Substitute(key, values));
      if (renamed.contains(name)) {
        return absl::InvalidArgumentError(
            fmt::format("trialTemplate: the key '{}' comes twice after substitution", name));
      }
      renamed[name] = std::move(item);
    }
    value = std::move(renamed);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> MetadataValue(const api::TrialParameterSpec& parameter, const Json* object,
                                          std::string_view trial_name, std::string_view namespace_name) {
  const auto error = [&](std::string_view what) {
    return absl::InvalidArgumentError(
        fmt::format("trialParameters '{}': reference {} {}", parameter.name, parameter.reference, what));
  };
  std::string_view field = parameter.reference;
  field.remove_prefix(kMetadata.size());
  field.remove_suffix(1);
  if (field == "Name") return std::string(trial_name);
  if (field == "Namespace") return std::string(namespace_name);
  if (object == nullptr) return error("needs a template that can be read before substitution");
  const JsonField root(*object, "");
  std::optional<JsonField> found;
  if (field == "Kind") found = root["kind"];
  if (field == "APIVersion") found = root["apiVersion"];
  for (const auto& [prefix, map] : {std::pair{"Annotations[", "annotations"}, {"Labels[", "labels"}}) {
    if (!field.starts_with(prefix) || !field.ends_with(']')) continue;
    std::string_view key = field.substr(std::string_view(prefix).size());
    key.remove_suffix(1);
    found = root["metadata"][map][key];
  }
  if (!found) {
    return error(
        "is unknown; it must be Name, Namespace, Kind, APIVersion, Annotations[key] or Labels[key] of "
        "trialSpec");
  }
  if (!found->present()) return error(fmt::format("does not exist: the template has no {}", found->path()));
  return found->Text();
}

absl::StatusOr<Values> ResolveValues(const api::TrialTemplate& trial_template,
                                     const std::vector<api::ParameterAssignment>& assignments,
                                     const std::function<const Json*()>& object, std::string_view trial_name,
                                     std::string_view namespace_name) {
  Values values;
  std::vector<bool> used(assignments.size(), false);
  for (const api::TrialParameterSpec& parameter : trial_template.trial_parameters) {
    if (IsMetadataReference(parameter.reference)) {
      QALAM_ASSIGN_OR_RETURN(values[parameter.name],
                             MetadataValue(parameter, object(), trial_name, namespace_name));
      continue;
    }
    bool found = false;
    for (size_t i = 0; i < assignments.size() && !found; ++i) {
      if (assignments[i].name != parameter.reference) continue;
      found = used[i] = true;
      values[parameter.name] = assignments[i].value;
    }
    if (!found) {
      return absl::InvalidArgumentError(
          fmt::format("trialParameters '{}': reference '{}' has no parameter assignment in trial {}",
                      parameter.name, parameter.reference, trial_name));
    }
  }
  std::vector<std::string> unused;
  for (size_t i = 0; i < assignments.size(); ++i) {
    if (!used[i]) unused.push_back(fmt::format("'{}'", assignments[i].name));
  }
  if (!unused.empty()) {
    return absl::InvalidArgumentError(fmt::format(
        "trialParameters: no entry refers to the parameter{} {}; every parameter must reach the program",
        unused.size() == 1 ? "" : "s", fmt::join(unused, ", ")));
  }
  return values;
}

absl::StatusOr<Json> ParseRendered(std::string_view text) {
  if (absl::StatusOr<Json> json = ParseJson(text); json.ok()) return json;
  absl::StatusOr<Json> yaml = YamlToJson(text);
  if (yaml.ok()) return yaml;
  return absl::InvalidArgumentError(
      fmt::format("trialTemplate: after substitution it is neither JSON nor YAML: {}",
                  std::string(yaml.status().message())));
}

}  // namespace

absl::StatusOr<api::JsonText> RenderRunSpec(std::string_view template_text,
                                            const api::TrialTemplate& trial_template,
                                            const std::vector<api::ParameterAssignment>& assignments,
                                            std::string_view trial_name, std::string_view namespace_name) {
  absl::StatusOr<Json> object = ParseJson(template_text);
  const bool is_json = object.ok();
  absl::StatusOr<Json> yaml = absl::UnknownError("not read yet");
  const auto unrendered = [&]() -> const Json* {
    if (is_json) return &*object;
    if (absl::IsUnknown(yaml.status())) yaml = YamlToJson(template_text);
    return yaml.ok() ? &*yaml : nullptr;
  };
  QALAM_ASSIGN_OR_RETURN(const Values values,
                         ResolveValues(trial_template, assignments, unrendered, trial_name, namespace_name));
  if (is_json) {
    QALAM_RETURN_IF_ERROR(SubstituteStrings(*object, values));
  } else {
    QALAM_ASSIGN_OR_RETURN(const std::string text, Substitute(template_text, values));
    object = ParseRendered(text);
    QALAM_RETURN_IF_ERROR(object.status());
  }
  if (!object->is_object())
    return JsonField(*object, "trialTemplate").Error("must be a map with apiVersion and kind");
  Json& metadata = (*object)["metadata"];
  if (metadata.is_null()) metadata = Json::object();
  if (!metadata.is_object()) return JsonField(metadata, "trialTemplate.metadata").Error("must be a map");
  metadata["name"] = std::string(trial_name);
  metadata["namespace"] = std::string(namespace_name);
  absl::StatusOr<std::string> text = WriteJson(*object);
  if (!text.ok()) {
    return absl::InvalidArgumentError(
        fmt::format("trial {}: {}", trial_name, std::string(text.status().message())));
  }
  return api::JsonText{*std::move(text)};
}

}  // namespace qalam::workload
