#include "apiserver/object_writer.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "api/codec.h"
#include "apiserver/failure.h"
#include "apiserver/object_document.h"
#include "apiserver/object_reader.h"
#include "apiserver/patch.h"
#include "apiserver/request_body.h"

namespace qalam::apiserver {
namespace {

using Json = nlohmann::json;

constexpr int kAttempts = 10;  // at a write that others keep coming before

absl::Status Conflict(const ResourceType& type, std::string_view name, std::string_view why) {
  return Failure(
      409, "Conflict",
      fmt::format("Operation cannot be fulfilled on {}{}{} \"{}\": {}", type.plural,
                  type.group.empty() ? "" : ".", type.group, name, why),
      {.name = std::string(name), .group = std::string(type.group), .kind = std::string(type.plural)});
}

absl::Status CheckPreconditions(const ResourceType& type, bool patch, const api::ObjectMeta& written,
                                const api::ObjectMeta& live) {
  if (written.resource_version.empty() && !patch && !type.built_in) {
    const std::string message = "Invalid value: 0: must be specified for an update";
    return Failure(
        422, "Invalid",
        fmt::format("{} \"{}\" is invalid: metadata.resourceVersion: {}", type.kind, live.name, message),
        {.name = live.name,
         .group = std::string(type.group),
         .kind = std::string(type.kind),
         .causes = {{"FieldValueInvalid", message, "metadata.resourceVersion"}}});
  }
  if (!written.uid.empty() && written.uid != live.uid) {
    return Conflict(type, live.name,
                    fmt::format("Precondition failed: UID in precondition: {}, UID in object meta: {}",
                                written.uid, live.uid));
  }
  if (!written.resource_version.empty() && written.resource_version != live.resource_version) {
    return Conflict(
        type, live.name,
        "the object has been modified; please apply your changes to the latest version and try again");
  }
  return absl::OkStatus();
}

// What is the server's to say.
void TakeSystemMetadata(api::ObjectMeta& metadata, const api::ObjectMeta& live) {
  metadata.uid = live.uid;
  metadata.resource_version = live.resource_version;
  metadata.generation = live.generation;
  metadata.creation_timestamp = live.creation_timestamp;
  metadata.deletion_timestamp = live.deletion_timestamp;
  metadata.deletion_grace_period_seconds = live.deletion_grace_period_seconds;
}

// The kinds here have no lists that a strategic merge would treat in another way; what is left of it are
// directives to clients of lists.
void DropDirectives(Json& patch) {
  if (patch.is_object()) {
    for (auto it = patch.begin(); it != patch.end();)
      it = it.key().starts_with('$') ? patch.erase(it) : std::next(it);
  }
  if (patch.is_structured()) {
    for (Json& child : patch) DropDirectives(child);
  }
}

absl::StatusOr<Json> StrategicMerge(const Json& live, std::string_view text) {
  QALAM_ASSIGN_OR_RETURN(Json patch, ReadJsonObject(text));
  DropDirectives(patch);
  return MergePatch(live, patch.dump());
}

}  // namespace

struct ObjectWriter::Call {
  const ResourceType& type;
  const RequestInfo& info;
  const http::Request& request;
  const May& may;
  WriteOptions options;
  std::optional<PatchType> patch_type = {};  // none: an update
  Json body = {};                            // of an update or an apply
  FieldWriter writer = {};
  std::unique_ptr<api::ResourceStore> rehearsal = {};

  Call(const ResourceType& t, const RequestInfo& i, const http::Request& r, const May& m, WriteOptions o,
       ObjectWriter& to)
      : type(t), info(i), request(r), may(m), options(std::move(o)) {
    writer = {options.manager, type.api_version(), info.subresource, to.now_()};
    if (options.dry_run) rehearsal = to.store_.DryRun();
  }

  bool applies() const { return patch_type == PatchType::kApply; }
  api::ResourceStore& StoreOf(ObjectWriter& to) const {
    return rehearsal != nullptr ? *rehearsal : to.store_;
  }
  absl::Status Told(const absl::Status& status, std::string_view name) const {
    return ToFailure(status, type.group, type.plural, name);
  }

  // What the request makes of the object.
  absl::StatusOr<Json> Make(const Json& live) const {
    if (!patch_type) return body;
    switch (*patch_type) {
      case PatchType::kJson:
        return JsonPatch(live, request.body);
      case PatchType::kMerge:
        return MergePatch(live, request.body);
      case PatchType::kStrategicMerge:
        return StrategicMerge(live, request.body);
      case PatchType::kApply:
        return Apply(&live, body, writer, options.force);
    }
    return Failure(415, "UnsupportedMediaType", "unknown type of patch");
  }

  // `made` with all that it takes from the live object.
  std::shared_ptr<api::Resource> Over(const api::Resource& live, std::shared_ptr<api::Resource> made) const {
    std::shared_ptr<api::Resource> written = made;
    if (info.subresource == "status") {
      written = live.Clone();
      written->CopyStatusFrom(*made);
      written->metadata.managed_fields = made->metadata.managed_fields;
    } else {
      written->CopyStatusFrom(live);
      TakeSystemMetadata(written->metadata, live.metadata);
      Complete(*written);
    }
    SettleFields(&live, writer, applies(), written);
    return written;
  }
};

absl::StatusOr<Written> ObjectWriter::Create(const ResourceType& type, const RequestInfo& info,
                                             const http::Request& request, const May& may) {
  QALAM_ASSIGN_OR_RETURN(WriteOptions options, ReadWriteOptions(request));
  QALAM_ASSIGN_OR_RETURN(Json document, ReadBodyObject(request));
  Call call(type, info, request, may, std::move(options), *this);
  return CreateFrom(call, std::move(document));
}

absl::StatusOr<Written> ObjectWriter::CreateFrom(Call& call, Json document) {
  const ResourceType& type = call.type;
  Written result{.created = true};
  QALAM_RETURN_IF_ERROR(CheckIdentity(type, call.info, call.applies(), document));
  QALAM_ASSIGN_OR_RETURN(std::shared_ptr<api::Resource> made,
                         ToResource(type, document, call.options.validation, result.warnings));
  if (!made->metadata.resource_version.empty())
    return Failure(400, "BadRequest", "resourceVersion should not be set on objects to be created");
  TakeSystemMetadata(made->metadata, api::ObjectMeta());
  made->CopyStatusFrom(*api::NewResource(made->kind()));
  Complete(*made);
  SettleFields(nullptr, call.writer, call.applies(), made);
  QALAM_RETURN_IF_ERROR(CheckReferences(*made, nullptr, call.may));
  QALAM_RETURN_IF_ERROR(Admit(rules_, *made, nullptr));
  absl::StatusOr<api::ResourcePtr> created = call.StoreOf(*this).Create(*made);
  if (!created.ok()) return call.Told(created.status(), made->metadata.name);
  result.object = *std::move(created);
  return result;
}

absl::StatusOr<Written> ObjectWriter::Update(const ResourceType& type, const RequestInfo& info,
                                             const http::Request& request, const May& may) {
  QALAM_ASSIGN_OR_RETURN(WriteOptions options, ReadWriteOptions(request));
  Call call(type, info, request, may, std::move(options), *this);
  QALAM_ASSIGN_OR_RETURN(call.body, ReadBodyObject(request));
  return Change(call);
}

absl::StatusOr<Written> ObjectWriter::Patch(const ResourceType& type, const RequestInfo& info,
                                            const http::Request& request, const May& may) {
  QALAM_ASSIGN_OR_RETURN(const PatchType patch_type,
                         ReadPatchType(request.headers.Find("Content-Type").value_or("")));
  if (patch_type == PatchType::kStrategicMerge && !type.built_in) {
    return Failure(415, "UnsupportedMediaType",
                   "the body of the request was in an unknown format - accepted media types include: "
                   "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml");
  }
  QALAM_ASSIGN_OR_RETURN(WriteOptions options, ReadWriteOptions(request, patch_type == PatchType::kApply));
  Call call(type, info, request, may, std::move(options), *this);
  call.patch_type = patch_type;
  if (!call.applies()) return Change(call);

  QALAM_ASSIGN_OR_RETURN(call.body, ReadYamlObject(request.body));
  Json& metadata = call.body["metadata"];
  if (metadata.is_null() || metadata.is_object()) metadata.emplace("name", info.name);
  QALAM_RETURN_IF_ERROR(CheckIdentity(type, info, /*named=*/true, call.body));
  absl::StatusOr<Written> changed = Change(call);
  if (!absl::IsNotFound(changed.status()) || !info.subresource.empty()) return changed;
  if (metadata.contains("uid"))
    return Conflict(type, info.name, "uid mismatch: the object is not there any more");
  RequestInfo creation = info;
  creation.verb = "create";
  QALAM_RETURN_IF_ERROR(may(creation));
  QALAM_ASSIGN_OR_RETURN(Json applied, Apply(nullptr, call.body, call.writer, call.options.force));
  absl::StatusOr<Written> created = CreateFrom(call, std::move(applied));
  // Somebody else was quicker.
  return absl::IsAlreadyExists(created.status()) ? Change(call) : created;
}

absl::StatusOr<Written> ObjectWriter::Change(Call& call) {
  const ResourceType& type = call.type;
  const api::ObjectKey key = KeyOf(type, call.info);
  api::ResourceStore& store = call.StoreOf(*this);
  for (int attempt = 1;; ++attempt) {
    Written result;
    QALAM_ASSIGN_OR_RETURN(const api::ResourcePtr live, FindObject(store, type, key));
    const Json shown = ToDocument(type, *live);
    QALAM_ASSIGN_OR_RETURN(Json document, call.Make(shown));
    if (document == shown) {
      result.object = live;
      return result;
    }
    QALAM_RETURN_IF_ERROR(CheckIdentity(type, call.info, /*named=*/true, document));
    QALAM_ASSIGN_OR_RETURN(std::shared_ptr<api::Resource> made,
                           ToResource(type, document, call.options.validation, result.warnings));
    QALAM_RETURN_IF_ERROR(
        CheckPreconditions(type, call.patch_type.has_value(), made->metadata, live->metadata));
    const std::shared_ptr<api::Resource> written = call.Over(*live, std::move(made));
    const bool status = call.info.subresource == "status";
    if (!status) QALAM_RETURN_IF_ERROR(CheckReferences(*written, live.get(), call.may));
    if (!status) QALAM_RETURN_IF_ERROR(Admit(rules_, *written, live.get()));
    absl::StatusOr<api::ResourcePtr> stored = status ? store.UpdateStatus(*written) : store.Update(*written);
    // The next look at the object tells whether the request was meant for the version that came between.
    if (absl::IsAborted(stored.status()) && attempt < kAttempts) continue;
    if (!stored.ok()) return call.Told(stored.status(), key.name);
    result.object = *std::move(stored);
    return result;
  }
}

absl::StatusOr<ObjectWriter::Deleted> ObjectWriter::Delete(const ResourceType& type, const RequestInfo& info,
                                                           const http::Request& request) {
  QALAM_ASSIGN_OR_RETURN(const DeleteOptions options, ReadDeleteOptions(request));
  const api::ObjectKey key = KeyOf(type, info);
  QALAM_ASSIGN_OR_RETURN(api::ResourcePtr live, FindObject(store_, type, key));
  QALAM_RETURN_IF_ERROR(AdmitDeletion(*live));
  const std::unique_ptr<api::ResourceStore> rehearsal = options.dry_run ? store_.DryRun() : nullptr;
  api::ResourceStore& store = rehearsal != nullptr ? *rehearsal : store_;
  const absl::Status status =
      store.Delete(type.stored, key, options.uid, options.propagation, options.resource_version);
  if (!status.ok()) return ToFailure(status, type.group, type.plural, key.name);
  if (options.dry_run) return Deleted{live, live->metadata.finalizers.empty()};
  const absl::StatusOr<api::ResourcePtr> left = store_.Get(type.stored, key);
  const bool gone = !left.ok() || !(*left)->metadata.deletion_timestamp;
  return Deleted{gone ? live : *left, gone};
}

absl::StatusOr<std::vector<api::ResourcePtr>> ObjectWriter::DeleteCollection(const ResourceType& type,
                                                                             const RequestInfo& info,
                                                                             const http::Request& request) {
  QALAM_ASSIGN_OR_RETURN(const DeleteOptions options, ReadDeleteOptions(request));
  QALAM_ASSIGN_OR_RETURN(const Selection selection, ReadSelection(type, info, request));
  absl::StatusOr<api::ResourceList> present = store_.List(type.stored, selection.namespace_name);
  if (!present.ok()) return ToFailure(present.status(), type.group, type.plural, "");
  std::vector<api::ResourcePtr> selected;
  for (api::ResourcePtr& resource : present->items) {
    if (selection.Shows(*resource)) selected.push_back(std::move(resource));
  }
  for (const api::ResourcePtr& resource : selected) QALAM_RETURN_IF_ERROR(AdmitDeletion(*resource));
  const std::unique_ptr<api::ResourceStore> rehearsal = options.dry_run ? store_.DryRun() : nullptr;
  api::ResourceStore& store = rehearsal != nullptr ? *rehearsal : store_;
  for (const api::ResourcePtr& resource : selected) {
    const api::ObjectMeta& metadata = resource->metadata;
    const absl::Status status = store.Delete(type.stored, resource->key(), metadata.uid, options.propagation);
    // Gone, or another one of that name: not what was there when this began.
    if (status.ok() || absl::IsNotFound(status) || absl::IsAborted(status)) continue;
    return ToFailure(status, type.group, type.plural, metadata.name);
  }
  return selected;
}

}  // namespace qalam::apiserver
