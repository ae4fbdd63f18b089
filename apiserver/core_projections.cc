#include "apiserver/core_projections.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"
#include "api/codec.h"
#include "api/core.h"
#include "api/plain.h"
#include "apiserver/failure.h"
#include "apiserver/json_member.h"

namespace qalam::apiserver {
namespace {

using Json = nlohmann::json;

std::string Dump(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

template <api::Kind kKind>
Json SpecOf(const api::Resource& resource) {
  return ObjectOf(Json::parse(static_cast<const api::Plain<kKind>&>(resource).spec.text, nullptr, false));
}

class EventProjection final : public Projection {
 public:
  std::optional<std::string> FieldOf(const api::Resource& resource, std::string_view path) const override {
    const api::EventData& event = static_cast<const api::Event&>(resource).spec;
    const api::ObjectReference& about = event.involved_object;
    if (path == "involvedObject.apiVersion") return about.api_version;
    if (path == "involvedObject.kind") return about.kind;
    if (path == "involvedObject.name") return about.name;
    if (path == "involvedObject.namespace") return about.namespace_name;
    if (path == "involvedObject.uid") return about.uid;
    if (path == "involvedObject.resourceVersion" || path == "involvedObject.fieldPath") return "";
    if (path == "reason") return event.reason;
    if (path == "type") return event.type;
    if (path == "source" || path == "reportingComponent") return event.source_component;
    return std::nullopt;
  }
};

class NamespaceProjection final : public Projection {
 public:
  std::optional<std::string> FieldOf(const api::Resource& resource, std::string_view path) const override {
    if (path == "status.phase") return NamespacePhase(resource);
    return std::nullopt;
  }

  std::string JsonOf(const api::Resource& resource) const override {
    Json json = Json::parse(api::ToJson(resource));
    json["metadata"]["labels"]["kubernetes.io/metadata.name"] = resource.metadata.name;
    json["spec"] = {{"finalizers", Json::array({"kubernetes"})}};  // whatever was stored there
    json["status"] = {{"phase", NamespacePhase(resource)}};
    return Dump(json);
  }

  api::StringMap LabelsOf(const api::Resource& resource) const override {
    api::StringMap labels = resource.metadata.labels;
    labels["kubernetes.io/metadata.name"] = resource.metadata.name;
    return labels;
  }
};

class SecretProjection final : public Projection {
 public:
  std::optional<std::string> FieldOf(const api::Resource& resource, std::string_view path) const override {
    if (path == "type") return TextOf(Member(SpecOf<api::Kind::kSecret>(resource), {"type"}));
    return std::nullopt;
  }
};

class ClaimProjection final : public Projection {
 public:
  std::string JsonOf(const api::Resource& resource) const override {
    Json json = Json::parse(api::ToJson(resource));
    const Json& spec = Member(json, {"spec"});
    json["status"] = {{"phase", "Bound"},
                      {"accessModes", Member(spec, {"accessModes"})},
                      {"capacity", Member(spec, {"resources", "requests"})}};
    return Dump(json);
  }
};

bool IsDataKey(std::string_view key) {
  return !key.empty() && key.size() <= 253 && key != "." && !key.starts_with("..") &&
         key.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.") ==
             std::string_view::npos;
}

}  // namespace

const Projection& Events() {
  static const EventProjection kEvents;
  return kEvents;
}

const Projection& Namespaces() {
  static const NamespaceProjection kNamespaces;
  return kNamespaces;
}

const Projection& Secrets() {
  static const SecretProjection kSecrets;
  return kSecrets;
}

const Projection& PersistentVolumeClaims() {
  static const ClaimProjection kClaims;
  return kClaims;
}

std::string EventObject(const api::Resource& resource) {
  const api::ObjectReference& about = static_cast<const api::Event&>(resource).spec.involved_object;
  std::string kind = about.kind;
  for (char& c : kind) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return fmt::format("{}/{}", kind, about.name);
}

std::string NamespacePhase(const api::Resource& resource) {
  return resource.metadata.deletion_timestamp ? "Terminating" : "Active";
}

std::string DataCount(const api::Resource& resource) {
  if (resource.kind() == api::Kind::kConfigMap) {
    return fmt::format("{}", static_cast<const api::ConfigMap&>(resource).spec.data.size());
  }
  return fmt::format("{}", Member(SpecOf<api::Kind::kSecret>(resource), {"data"}).size());
}

absl::Status PrepareSecret(Json& secret) {
  std::vector<Cause> causes;
  const std::string name = TextOf(Member(secret, {"metadata", "name"}));
  if (TextOf(Member(secret, {"type"})).empty()) secret["type"] = "Opaque";
  for (const char* field : {"data", "stringData"}) {
    const Json& values = Member(secret, {field});
    if (!values.is_object() && !values.is_null()) {
      causes.push_back({"FieldValueInvalid", "Invalid value: must be a map of texts", field});
      continue;
    }
    for (const auto& [key, value] : values.items()) {
      const std::string path = fmt::format("{}[{}]", field, key);
      std::string bytes;
      if (!IsDataKey(key)) {
        causes.push_back({"FieldValueInvalid",
                          "Invalid value: a key must consist of alphanumeric characters, '-', '_' or '.'",
                          path});
      } else if (!value.is_string()) {
        causes.push_back({"FieldValueInvalid", "Invalid value: must be a text", path});
      } else if (field == std::string_view("data") &&
                 !absl::Base64Unescape(value.get_ref<const std::string&>(), &bytes)) {
        causes.push_back(
            {"FieldValueInvalid", "Invalid value: must be base64; stringData takes plain text", path});
      }
    }
  }
  if (!causes.empty()) {
    std::string message =
        fmt::format("Secret \"{}\" is invalid: {}: {}", name, causes.front().field, causes.front().message);
    return Failure(422, "Invalid", std::move(message),
                   {.name = name, .group = "", .kind = "secrets", .uid = "", .causes = std::move(causes)});
  }
  if (const Json& plain = Member(secret, {"stringData"}); plain.is_object()) {
    for (const auto& [key, value] : plain.items()) {
      secret["data"][key] = absl::Base64Escape(value.get_ref<const std::string&>());
    }
  }
  secret.erase("stringData");
  return absl::OkStatus();
}

}  // namespace qalam::apiserver
