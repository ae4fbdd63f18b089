#include "apiserver/object_document.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "api/codec.h"
#include "apiserver/failure.h"

namespace qalam::apiserver {
namespace {

using Json = nlohmann::json;

std::string Dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

// What the store has written is JSON.
Json Parse(const std::string& text) { return Json::parse(text); }

absl::Status BadRequest(std::string message) { return Failure(400, "BadRequest", std::move(message)); }

// Text of a member; empty when it is absent, null, or something else, which ToResource then refuses.
std::string TextOf(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

absl::Status CheckType(const ResourceType& type, Json& document) {
  const std::string api_version = TextOf(document, "apiVersion"), kind = TextOf(document, "kind");
  if (!type.built_in && (kind.empty() || api_version.empty())) {
    return BadRequest(fmt::format("Object '{}' is missing in '{}'", kind.empty() ? "Kind" : "apiVersion",
                                  Dump(document).substr(0, 200)));
  }
  if (!api_version.empty() && api_version != type.api_version()) {
    return BadRequest(
        fmt::format("the API version in the data ({}) does not match the expected API version ({})",
                    api_version, type.api_version()));
  }
  if (!kind.empty() && kind != type.kind) {
    return BadRequest(
        fmt::format("the kind in the data ({}) does not match the expected kind ({})", kind, type.kind));
  }
  document["apiVersion"] = type.api_version();
  document["kind"] = type.kind;
  return absl::OkStatus();
}

absl::Status CheckNamespace(const ResourceType& type, const RequestInfo& info, Json& metadata) {
  const std::string given = TextOf(metadata, "namespace");
  if (!type.namespaced) {
    if (given.empty()) metadata.erase("namespace");
    return absl::OkStatus();  // the store refuses one, with the field's name
  }
  if (info.namespace_name.empty()) return BadRequest("an empty namespace may not be set during creation");
  if (!given.empty() && given != info.namespace_name) {
    return BadRequest(fmt::format(
        "the namespace of the provided object ({}) does not match the namespace sent on the request ({})",
        given, info.namespace_name));
  }
  metadata["namespace"] = info.namespace_name;
  return absl::OkStatus();
}

absl::Status CheckName(const RequestInfo& info, const Json& metadata) {
  const std::string given = TextOf(metadata, "name");
  if (given.empty()) {
    return BadRequest(fmt::format(
        "the name of the object ({} based on URL) was undeterminable: name must be provided", info.name));
  }
  if (given == info.name) return absl::OkStatus();
  return BadRequest(
      fmt::format("the name of the object ({}) does not match the name on the URL ({})", given, info.name));
}

absl::Status Unreadable(const ResourceType& type, std::string_view why) {
  if (type.stored == api::Kind::kExperiment) {
    return Failure(
        400, "",
        fmt::format("admission webhook \"defaulter.experiment.katib.kubeflow.org\" denied the request: {}",
                    why));
  }
  return BadRequest(
      fmt::format("{0} in version \"{1}\" cannot be handled as a {0}: {2}", type.kind, type.version, why));
}

// Everything that a write of the spec is about.
Json SpecOf(Json document) {
  document.erase("metadata");
  document.erase("status");
  return document;
}

Json WithoutManagers(Json document) {
  document["metadata"].erase("managedFields");
  return document;
}

Json ManagersOf(const Json& document) {
  return document.at("metadata").value("managedFields", Json::array());
}

Json WithoutTimes(Json managers) {
  for (Json& manager : managers) {
    if (manager.is_object()) manager.erase("time");
  }
  return managers;
}

}  // namespace

Json ToDocument(const ResourceType& type, const api::Resource& stored) {
  return Parse(type.projection().JsonOf(stored));
}

absl::Status CheckIdentity(const ResourceType& type, const RequestInfo& info, bool named, Json& document) {
  if (!document.is_object()) return Unreadable(type, "must be an object");  // a patch may leave anything
  QALAM_RETURN_IF_ERROR(CheckType(type, document));
  Json& metadata = document["metadata"];
  if (metadata.is_null()) metadata = Json::object();
  if (!metadata.is_object()) return Unreadable(type, "metadata: must be an object");
  QALAM_RETURN_IF_ERROR(CheckNamespace(type, info, metadata));
  return named ? CheckName(info, metadata) : absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<api::Resource>> ToResource(const ResourceType& type, const Json& document,
                                                          FieldValidation validation,
                                                          std::vector<std::string>& warnings) {
  std::vector<std::string> unknown;
  Json wanted = document;
  if (type.prepare != nullptr) QALAM_RETURN_IF_ERROR(type.prepare(wanted));
  absl::StatusOr<std::shared_ptr<api::Resource>> resource = api::FromJson(Dump(wanted), &unknown);
  if (!resource.ok()) return Unreadable(type, MessageOf(resource.status()));
  if (validation == FieldValidation::kIgnore || unknown.empty()) return resource;
  for (std::string& field : unknown) field = fmt::format("unknown field \"{}\"", field);
  if (validation == FieldValidation::kStrict) {
    return BadRequest(
        fmt::format("{0} in version \"{1}\" cannot be handled as a {0}: strict decoding error: {2}",
                    type.kind, type.version, fmt::join(unknown, ", ")));
  }
  warnings.insert(warnings.end(), unknown.begin(), unknown.end());
  return resource;
}

void SettleFields(const api::Resource* live, const FieldWriter& writer, bool applied,
                  std::shared_ptr<api::Resource>& written) {
  const Json next = Parse(api::ToJson(*written));
  Json before;
  if (live != nullptr) {
    before = Parse(api::ToJson(*live));
    if (SpecOf(next) == SpecOf(before)) {
      std::shared_ptr<api::Resource> same = live->Clone();
      same->metadata = written->metadata;
      same->CopyStatusFrom(*written);
      written = std::move(same);
    }
    if (next.value("status", Json()) == before.value("status", Json())) written->CopyStatusFrom(*live);
  }
  Json managers = ManagersOf(next);
  if (!applied) managers = ManagersOf(WithManagedFields(live == nullptr ? nullptr : &before, next, writer));
  const bool unchanged = live != nullptr && WithoutManagers(next) == WithoutManagers(before) &&
                         WithoutTimes(managers) == WithoutTimes(ManagersOf(before));
  if (unchanged) {
    written->metadata.managed_fields = live->metadata.managed_fields;
  } else {
    written->metadata.managed_fields.text = managers.empty() ? std::string() : Dump(managers);
  }
}

}  // namespace qalam::apiserver
