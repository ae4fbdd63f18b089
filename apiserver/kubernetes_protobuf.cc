#include "apiserver/kubernetes_protobuf.h"

#include <fmt/format.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/time/time.h"
#include "api/times.h"
#include "apiserver/failure.h"

namespace qalam::apiserver {
namespace {

using Json = nlohmann::json;

enum class FieldType { kText, kBytes, kInteger, kBoolean, kTime, kMessage, kTextMap, kBytesMap };

struct Field {
  unsigned number;
  std::string_view name;
  FieldType type = FieldType::kText;
  std::span<const Field> fields = {};  // of a message
  bool repeated = false;
};

// Numbers are those of Kubernetes' published generated.proto files.
constexpr Field kOwnerReference[] = {{1, "kind"},
                                     {3, "name"},
                                     {4, "uid"},
                                     {5, "apiVersion"},
                                     {6, "controller", FieldType::kBoolean},
                                     {7, "blockOwnerDeletion", FieldType::kBoolean}};
constexpr Field kMetadata[] = {{1, "name"},
                               {2, "generateName"},
                               {3, "namespace"},
                               {5, "uid"},
                               {6, "resourceVersion"},
                               {7, "generation", FieldType::kInteger},
                               {8, "creationTimestamp", FieldType::kTime},
                               {9, "deletionTimestamp", FieldType::kTime},
                               {11, "labels", FieldType::kTextMap},
                               {12, "annotations", FieldType::kTextMap},
                               {13, "ownerReferences", FieldType::kMessage, kOwnerReference, true},
                               {14, "finalizers", FieldType::kText, {}, true}};
constexpr Field kMetadataField = {1, "metadata", FieldType::kMessage, kMetadata};

constexpr Field kNamespaceSpec[] = {{1, "finalizers", FieldType::kText, {}, true}};
constexpr Field kNamespace[] = {kMetadataField, {2, "spec", FieldType::kMessage, kNamespaceSpec}};
constexpr Field kConfigMap[] = {kMetadataField,
                                {2, "data", FieldType::kTextMap},
                                {3, "binaryData", FieldType::kBytesMap},
                                {4, "immutable", FieldType::kBoolean}};
constexpr Field kSecret[] = {kMetadataField,
                             {2, "data", FieldType::kBytesMap},
                             {3, "type"},
                             {4, "stringData", FieldType::kTextMap},
                             {5, "immutable", FieldType::kBoolean}};

constexpr Field kPreconditions[] = {{1, "uid"}, {2, "resourceVersion"}};
constexpr Field kDeleteOptions[] = {{1, "gracePeriodSeconds", FieldType::kInteger},
                                    {2, "preconditions", FieldType::kMessage, kPreconditions},
                                    {3, "orphanDependents", FieldType::kBoolean},
                                    {4, "propagationPolicy"},
                                    {5, "dryRun", FieldType::kText, {}, true}};

constexpr Field kResourceAttributes[] = {{1, "namespace"}, {2, "verb"},        {3, "group"}, {4, "version"},
                                         {5, "resource"},  {6, "subresource"}, {7, "name"}};
constexpr Field kNonResourceAttributes[] = {{1, "path"}, {2, "verb"}};
constexpr Field kAccessSpec[] = {{1, "resourceAttributes", FieldType::kMessage, kResourceAttributes},
                                 {2, "nonResourceAttributes", FieldType::kMessage, kNonResourceAttributes},
                                 {3, "user"},
                                 {4, "groups", FieldType::kText, {}, true},
                                 {6, "uid"}};
constexpr Field kAccessReview[] = {kMetadataField, {2, "spec", FieldType::kMessage, kAccessSpec}};
constexpr Field kRulesSpec[] = {{1, "namespace"}};
constexpr Field kRulesReview[] = {kMetadataField, {2, "spec", FieldType::kMessage, kRulesSpec}};
constexpr Field kSelfReview[] = {kMetadataField};

struct KnownKind {
  std::string_view api_version, kind;  // DeleteOptions come in the version of what is deleted
  std::span<const Field> fields;
};
constexpr KnownKind kKinds[] = {{"v1", "Namespace", kNamespace},
                                {"v1", "ConfigMap", kConfigMap},
                                {"v1", "Secret", kSecret},
                                {"", "DeleteOptions", kDeleteOptions},
                                {"authorization.k8s.io/v1", "SelfSubjectAccessReview", kAccessReview},
                                {"authorization.k8s.io/v1", "SubjectAccessReview", kAccessReview},
                                {"authorization.k8s.io/v1", "SelfSubjectRulesReview", kRulesReview},
                                {"authentication.k8s.io/v1", "SelfSubjectReview", kSelfReview}};

// One field as it stands on the wire.
struct WireField {
  unsigned number = 0;
  std::uint64_t integer = 0;  // of a varint
  std::string_view bytes;     // of everything that has a length
};

std::optional<std::uint64_t> TakeVarint(std::string_view& wire) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !wire.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(wire[0]);
    wire.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  return std::nullopt;
}

std::optional<WireField> TakeField(std::string_view& wire) {
  const std::optional<std::uint64_t> tag = TakeVarint(wire);
  if (!tag || *tag >> 3 == 0 || *tag >> 32 != 0) return std::nullopt;
  WireField field{.number = static_cast<unsigned>(*tag >> 3)};
  std::optional<std::uint64_t> length;
  switch (*tag & 7) {
    case 0: {
      const std::optional<std::uint64_t> value = TakeVarint(wire);
      if (!value) return std::nullopt;
      field.integer = *value;
      return field;
    }
    case 1:
      length = 8;
      break;
    case 2:
      length = TakeVarint(wire);
      break;
    case 5:
      length = 4;
      break;
    default:
      return std::nullopt;
  }
  if (!length || *length > wire.size()) return std::nullopt;
  field.bytes = wire.substr(0, static_cast<std::size_t>(*length));
  wire.remove_prefix(field.bytes.size());
  return field;
}

std::string Base64(std::string_view bytes) { return absl::Base64Escape({bytes.data(), bytes.size()}); }

bool ReadMessage(std::string_view wire, std::span<const Field> fields, Json& out);

// {"key": value} of a map's entry.
bool ReadEntry(std::string_view wire, bool bytes, Json& map) {
  std::string key, value;
  while (!wire.empty()) {
    const std::optional<WireField> field = TakeField(wire);
    if (!field) return false;
    if (field->number == 1) key = field->bytes;
    if (field->number == 2) value = field->bytes;
  }
  map[key] = bytes ? Base64(value) : value;
  return true;
}

bool ReadTime(std::string_view wire, Json& out) {
  std::optional<std::int64_t> seconds;
  while (!wire.empty()) {
    const std::optional<WireField> field = TakeField(wire);
    if (!field) return false;
    if (field->number == 1) seconds = static_cast<std::int64_t>(field->integer);
  }
  out = nullptr;  // a time that was never set is an empty message
  if (!seconds) return true;
  std::string text;
  api::AppendTime(absl::FromUnixSeconds(*seconds), text);
  out = std::move(text);
  return true;
}

bool ReadField(const WireField& wire, const Field& field, Json& out) {
  switch (field.type) {
    case FieldType::kText:
      out = std::string(wire.bytes);
      return true;
    case FieldType::kBytes:
      out = Base64(wire.bytes);
      return true;
    case FieldType::kInteger:
      out = static_cast<std::int64_t>(wire.integer);
      return true;
    case FieldType::kBoolean:
      out = wire.integer != 0;
      return true;
    case FieldType::kTime:
      return ReadTime(wire.bytes, out);
    case FieldType::kMessage:
      return ReadMessage(wire.bytes, field.fields, out);
    case FieldType::kTextMap:
    case FieldType::kBytesMap:
      return ReadEntry(wire.bytes, field.type == FieldType::kBytesMap, out);
  }
  return false;
}

// Go writes texts and numbers that are empty, too; JSON leaves them out.
bool IsZero(const Json& value) { return value == "" || value == 0 || value.is_null(); }

bool ReadMessage(std::string_view wire, std::span<const Field> fields, Json& out) {
  if (!out.is_object()) out = Json::object();
  while (!wire.empty()) {
    const std::optional<WireField> found = TakeField(wire);
    if (!found) return false;
    for (const Field& field : fields) {
      if (field.number != found->number) continue;
      if (field.repeated) {
        Json& list = out[std::string(field.name)];
        if (!ReadField(*found, field, list.emplace_back())) return false;
        continue;
      }
      const bool map = field.type == FieldType::kTextMap || field.type == FieldType::kBytesMap;
      Json value;
      if (!ReadField(*found, field, map ? out[std::string(field.name)] : value)) return false;
      if (!map && !IsZero(value)) out[std::string(field.name)] = std::move(value);
    }
  }
  return true;
}

}  // namespace

absl::StatusOr<Json> ReadKubernetesProtobuf(std::string_view body) {
  // A magic word, then runtime.Unknown: what kind it is, and its bytes.
  static constexpr Field kTypeMeta[] = {{1, "apiVersion"}, {2, "kind"}};
  static constexpr std::string_view kMagic("k8s\0", 4);
  const absl::Status unreadable =
      Failure(400, "BadRequest", "the body is no message in Kubernetes' protobuf form; send JSON");
  if (!body.starts_with(kMagic)) return unreadable;
  body.remove_prefix(kMagic.size());
  Json object;
  std::string_view raw;
  while (!body.empty()) {
    const std::optional<WireField> field = TakeField(body);
    if (!field) return unreadable;
    if (field->number == 1 && !ReadMessage(field->bytes, kTypeMeta, object)) return unreadable;
    if (field->number == 2) raw = field->bytes;
  }
  const std::string api_version = object.is_object() ? object.value("apiVersion", "") : "";
  const std::string kind = object.is_object() ? object.value("kind", "") : "";
  for (const KnownKind& known : kKinds) {
    if (known.kind != kind || (!known.api_version.empty() && known.api_version != api_version)) continue;
    if (!ReadMessage(raw, known.fields, object)) return unreadable;
    return object;
  }
  return Failure(
      415, "UnsupportedMediaType",
      fmt::format("{} \"{}\" is not understood in protobuf; send it as JSON or YAML", api_version, kind));
}

}  // namespace qalam::apiserver
