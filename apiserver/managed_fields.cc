#include "apiserver/managed_fields.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "apiserver/failure.h"
#include "apiserver/field_owners.h"
#include "apiserver/request_body.h"
#include "apiserver/structured_merge.h"

namespace qalam::apiserver {
namespace {

using nlohmann::json;

constexpr const char* kManagedFields = "managedFields";
constexpr const char* kLastApplied = "kubectl.kubernetes.io/last-applied-configuration";
constexpr std::string_view kKubectl = "kubectl";        // its server-side apply
constexpr std::size_t kMaxAnnotationBytes = 256 << 10;  // of all annotations together

json Take(json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  if (found == object.end()) return nullptr;
  json value = std::move(*found);
  object.erase(found);
  return value;
}

json TakeManagedFields(json& document) {
  return document.is_object() && document.contains("metadata") ? Take(document["metadata"], kManagedFields)
                                                               : nullptr;
}

void PutManagedFields(json& document, const FieldOwners& owners) {
  if (!owners.empty()) document["metadata"][kManagedFields] = ToManagedFields(owners);
}

bool IsReset(const json& managed_fields) {
  if (!managed_fields.is_array()) return false;
  return managed_fields.empty() ||
         (managed_fields.size() == 1 && managed_fields[0].is_object() && managed_fields[0].empty());
}

FieldOwners OwnersOr(const json& managed_fields, FieldOwners otherwise) {
  absl::StatusOr<FieldOwners> owners = ReadFieldOwners(managed_fields);
  return owners.ok() && !owners->empty() ? *std::move(owners) : std::move(otherwise);
}

// What an object is compared with that was not there before.
json Nothing(const json& document) {
  json nothing = json::object();
  for (const char* name : {"apiVersion", "kind"}) {
    if (document.is_object() && document.contains(name)) nothing[name] = document[name];
  }
  return nothing;
}

Owner OwnerOf(const FieldWriter& writer, bool applies) {
  return {.manager = writer.manager.empty() ? "unknown" : writer.manager,
          .applies = applies,
          .api_version = applies ? std::string() : writer.api_version,
          .subresource = writer.subresource};
}

std::string TimeText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

const json* Annotations(const json& document) {
  if (!document.is_object() || !document.contains("metadata")) return nullptr;
  const json& metadata = document["metadata"];
  if (!metadata.is_object() || !metadata.contains("annotations")) return nullptr;
  return metadata["annotations"].is_object() ? &metadata["annotations"] : nullptr;
}

// What kubectl applied the old way; null when it did not.
json LastApplied(const json& document) {
  const json* annotations = Annotations(document);
  if (annotations == nullptr || !annotations->contains(kLastApplied)) return nullptr;
  const json& text = (*annotations)[kLastApplied];
  if (!text.is_string()) return nullptr;
  constexpr int kMaxDepth = 100;  // a text of the client's own, which no other limit has seen
  const auto& last = text.get_ref<const std::string&>();
  return IsDeeperThan(last, kMaxDepth) ? json() : json::parse(last, nullptr, /*allow_exceptions=*/false);
}

// Conflicts of kubectl's server-side apply without those over fields that still are as its client-side apply
// left them.
Conflicts WithoutOwnPast(Conflicts conflicts, const json& live, const Shape& shape) {
  const json last = LastApplied(live);
  if (!last.is_object()) return conflicts;
  const Comparison since = Compare(last, live, shape);
  FieldSet own = FieldsOf(last, shape);
  for (const FieldSet* changed : {&since.modified, &since.added, &since.removed})
    own = Difference(std::move(own), *changed);
  for (auto& [owner, fields] : conflicts) fields = Difference(std::move(fields), own);
  std::erase_if(conflicts, [](const auto& conflict) { return conflict.second.empty(); });
  return conflicts;
}

// So that a later client-side apply knows what was applied last.
void UpdateLastApplied(json& document, json applied) {
  const json* before = Annotations(document);
  if (before == nullptr || !before->contains(kLastApplied) || (*before)[kLastApplied] == "") return;
  if (Annotations(applied) != nullptr) applied["metadata"]["annotations"].erase(kLastApplied);
  json& annotations = document["metadata"]["annotations"];
  annotations[kLastApplied] = applied.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
  std::size_t bytes = 0;
  for (const auto& [name, value] : annotations.items()) {
    bytes += name.size() + (value.is_string() ? value.get_ref<const std::string&>().size() : 0);
  }
  if (bytes > kMaxAnnotationBytes) annotations.erase(kLastApplied);
}

absl::Status ConflictFailure(const Conflicts& conflicts) {
  FailureDetails details;
  std::string lines;
  for (const auto& [owner, fields] : conflicts) {
    lines += fmt::format("{}conflicts with {}:", lines.empty() ? "" : "\n", owner.Text());
    for (const std::string& path : PathTexts(fields)) {
      details.causes.push_back({"FieldManagerConflict", "conflict with " + owner.Text(), path});
      lines += "\n- " + path;
    }
  }
  const std::size_t count = details.causes.size();
  std::string message = count == 1 ? fmt::format("Apply failed with 1 conflict: {}: {}",
                                                 details.causes[0].message, details.causes[0].field)
                                   : fmt::format("Apply failed with {} conflicts: {}", count, lines);
  return Failure(409, "Conflict", std::move(message), std::move(details));
}

// What may be written through this endpoint: all but the status, or the status alone.
json WritablePart(const json& applied, const FieldWriter& writer) {
  json part = applied;
  if (writer.subresource == "status") {
    std::erase_if(part.get_ref<json::object_t&>(), [](const auto& member) {
      return member.first != "apiVersion" && member.first != "kind" && member.first != "metadata" &&
             member.first != "status";
    });
    std::erase_if(part["metadata"].get_ref<json::object_t&>(),
                  [](const auto& member) { return member.first != "name" && member.first != "namespace"; });
  } else {
    part.erase("status");
  }
  return part;
}

}  // namespace

json WithManagedFields(const json* live, json written, const FieldWriter& writer) {
  json before = live != nullptr ? *live : Nothing(written);
  FieldOwners owners = OwnersOr(TakeManagedFields(before), {});
  const json sent = TakeManagedFields(written);
  if (writer.subresource.empty()) owners = IsReset(sent) ? FieldOwners() : OwnersOr(sent, std::move(owners));
  if (owners.empty() && live != nullptr) return written;  // nobody keeps track until somebody applies
  owners = AfterUpdate(before, written, std::move(owners), OwnerOf(writer, /*applies=*/false),
                       TimeText(writer.now));
  PutManagedFields(written, owners);
  return written;
}

absl::StatusOr<json> Apply(const json* live, const json& applied, const FieldWriter& writer, bool force) {
  if (!applied.is_object() || !applied.contains("metadata") || !applied["metadata"].is_object()) {
    return Failure(400, "BadRequest", "metadata: expected an object in what is applied");
  }
  if (applied["metadata"].contains(kManagedFields) && !applied["metadata"][kManagedFields].is_null()) {
    return Failure(400, "BadRequest", "metadata.managedFields must be nil");
  }
  const Shape& shape = ShapeOf(writer.api_version);
  if (const absl::Status checked = CheckItems(applied, shape); !checked.ok()) {
    return Failure(400, "BadRequest", std::string(MessageOf(checked)));
  }
  const std::string time = TimeText(writer.now);
  json document = live != nullptr ? *live : Nothing(applied);
  FieldOwners owners = OwnersOr(TakeManagedFields(document), {});
  if (owners.empty()) {
    FieldWriter earlier = writer;
    earlier.manager = "before-first-apply";
    owners = AfterUpdate(Nothing(document), document, {}, OwnerOf(earlier, /*applies=*/false), time);
  }
  const Owner owner = OwnerOf(writer, /*applies=*/true);
  const json part = WritablePart(applied, writer);
  const auto apply = [&](bool forced) {
    return ApplyFields(document, owners, part, owner, writer.api_version, time, forced);
  };
  const bool by_kubectl = owner.manager == kKubectl && owner.subresource.empty();
  Conflicts conflicts = apply(force);
  if (by_kubectl && !conflicts.empty()) {
    conflicts = WithoutOwnPast(std::move(conflicts), document, shape);
    if (conflicts.empty()) apply(/*forced=*/true);
  }
  if (!conflicts.empty()) return ConflictFailure(conflicts);
  if (by_kubectl) UpdateLastApplied(document, part);
  PutManagedFields(document, owners);
  return document;
}

}  // namespace qalam::apiserver
