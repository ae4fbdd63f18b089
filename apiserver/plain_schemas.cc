#include "apiserver/plain_schemas.h"

#include <nlohmann/json.hpp>
#include <string>

namespace qalam::apiserver {
namespace {

using Json = nlohmann::ordered_json;

enum class Type { kText, kBoolean, kTexts, kTextMap, kFreeForm };

struct PlainField {
  std::string_view path;  // below the object: "spec.resourceAttributes.verb"
  Type type;
  std::string_view text;
};

struct PlainKind {
  std::string_view kind, text;
  std::vector<PlainField> fields;
};

using enum Type;

const std::vector<PlainField> kAccessReviewFields = {
    {"spec.resourceAttributes.group", kText, "Group of the resource; empty for the core."},
    {"spec.resourceAttributes.name", kText, "Name of the object; empty for all."},
    {"spec.resourceAttributes.namespace", kText, "Namespace of the object; empty for all."},
    {"spec.resourceAttributes.resource", kText, "Plural name of the resource."},
    {"spec.resourceAttributes.subresource", kText, "Subresource, such as status or log."},
    {"spec.resourceAttributes.verb", kText,
     "What is to be done: get, list, watch, create, update, patch or delete."},
    {"spec.resourceAttributes.version", kText, "Version of the group."},
    {"spec.nonResourceAttributes.path", kText, "Path that leads to no resource, such as /version."},
    {"spec.nonResourceAttributes.verb", kText, "HTTP method in lower case."},
    {"status.allowed", kBoolean, "Whether it may be done."},
    {"status.reason", kText, "Why not."}};

std::vector<PlainField> WithUser(std::vector<PlainField> fields) {
  fields.push_back({"spec.user", kText, "Name of the user that is asked about."});
  fields.push_back({"spec.groups", kTexts, "Groups that the user belongs to."});
  fields.push_back({"spec.uid", kText, "Identity of the user; not looked at."});
  return fields;
}

const PlainKind kKinds[] = {
    {"ClusterTrainingRuntime",
     "A way to run training jobs, for every namespace.",
     {{"spec", kFreeForm, "What a training job of this runtime is made of."}}},
    {"ConfigMap",
     "Texts that others refer to, such as the templates of trials.",
     {{"binaryData", kTextMap, "Not kept here."}, {"immutable", kBoolean, "Not kept here."}}},
    {"Event",
     "Something that happened to an object.",
     {{"action", kText, "Not kept here."},
      {"eventTime", kText, "Not kept here."},
      {"related", kFreeForm, "Not kept here."},
      {"reportingComponent", kText, "Not kept here."},
      {"reportingInstance", kText, "Not kept here."},
      {"series", kFreeForm, "Not kept here."}}},
    {"Job",
     "The program of a trial, seen as a batch job.",
     {{"spec", kFreeForm, "The job as the trial's template describes it."},
      {"status", kFreeForm, "Whether it runs, and how it ended."}}},
    {"Namespace",
     "A part of the server with names and permissions of its own.",
     {{"spec.finalizers", kTexts, "Who has to do something before the namespace goes."},
      {"status.phase", kText, "Active or Terminating."},
      {"status.conditions", kFreeForm, "What keeps the namespace from going."}}},
    {"PersistentVolumeClaim",
     "A wish for a volume, kept for clients that make one; a trial's files lie in a directory of its own.",
     {{"spec.accessModes", kTexts, "How the volume may be mounted."},
      {"spec.dataSource", kFreeForm, "What the volume is filled with."},
      {"spec.dataSourceRef", kFreeForm, "What the volume is filled with."},
      {"spec.resources", kFreeForm, "How large the volume is to be."},
      {"spec.selector", kFreeForm, "Which volumes will do."},
      {"spec.storageClassName", kText, "Class of the volume."},
      {"spec.volumeAttributesClassName", kText, "Class of the volume's attributes."},
      {"spec.volumeMode", kText, "Filesystem or Block."},
      {"spec.volumeName", kText, "Name of the volume."},
      {"status", kFreeForm, "Whether there is a volume."}}},
    {"Pod",
     "The process of a trial, seen as a pod.",
     {{"spec", kFreeForm, "The pod as the trial's template describes it."},
      {"status", kFreeForm, "Whether the process runs, and how it ended."}}},
    {"Secret",
     "Values that others refer to and that few may read.",
     {{"data", kTextMap, "Values by key, in base64."},
      {"immutable", kBoolean, "Whether the values may not be changed."},
      {"stringData", kTextMap, "Values by key as plain text; only written, and found in data afterwards."},
      {"type", kText, "What the values are for, such as Opaque."}}},
    {"SelfSubjectAccessReview", "The question whether one may do something.", kAccessReviewFields},
    {"SelfSubjectReview",
     "The question who one is.",
     {{"status.userInfo.groups", kTexts, "Groups that one belongs to."},
      {"status.userInfo.uid", kText, "Not kept here."},
      {"status.userInfo.username", kText, "Name by which one is known."}}},
    {"SelfSubjectRulesReview",
     "The question what one may do in a namespace.",
     {{"spec.namespace", kText, "The namespace."},
      {"status.evaluationError", kText, "Never set here."},
      {"status.incomplete", kBoolean, "Whether there may be more that is allowed."},
      {"status.nonResourceRules", kFreeForm, "Paths that may be asked."},
      {"status.resourceRules", kFreeForm, "Resources, and what may be done with them."}}},
    {"SubjectAccessReview", "The question whether somebody may do something.", WithUser(kAccessReviewFields)},
    {"TrainJob",
     "The training job of a trial.",
     {{"spec", kFreeForm, "The job as the trial's template describes it."},
      {"status", kFreeForm, "Whether it runs, and how it ended."}}},
    {"TrainingRuntime",
     "A way to run training jobs, for one namespace.",
     {{"spec", kFreeForm, "What a training job of this runtime is made of."}}}};

// Fields that are lists of objects have no type here: one of "object" would be a lie.
Json TypeJson(Type type) {
  switch (type) {
    case kText:
      return {{"type", "string"}};
    case kBoolean:
      return {{"type", "boolean"}};
    case kTexts:
      return {{"type", "array"}, {"items", {{"type", "string"}}}, {"x-kubernetes-list-type", "atomic"}};
    case kTextMap:
      return {{"type", "object"}, {"additionalProperties", {{"type", "string"}}}};
    case kFreeForm:
      break;
  }
  return {{"x-kubernetes-preserve-unknown-fields", true}};
}

std::string_view GroupText(std::string_view name) {
  if (name == "spec") return "What is wanted.";
  if (name == "status") return "What is; kept by the server.";
  if (name == "userInfo") return "Who one is.";
  if (name == "resourceAttributes") return "What is to be done with a resource.";
  return "What is to be done with a path.";  // nonResourceAttributes
}

void AddField(const PlainField& field, Json& schema) {
  Json* object = &schema;
  std::string_view path = field.path;
  for (std::size_t dot; (dot = path.find('.')) != std::string_view::npos; path.remove_prefix(dot + 1)) {
    const std::string name(path.substr(0, dot));
    Json& group = (*object)["properties"][name];
    if (!group.is_object() || !group.contains("properties")) {
      group = {{"description", GroupText(name)}, {"type", "object"}, {"properties", Json::object()}};
    }
    object = &group;
  }
  Json& property = (*object)["properties"][std::string(path)];
  if (property.is_object() && property.contains("description")) return;  // known better
  property = {{"description", field.text}};
  property.update(TypeJson(field.type));
}

}  // namespace

void DescribePlainKind(std::string_view kind, Json& schema) {
  for (const PlainKind& plain : kKinds) {
    if (plain.kind != kind) continue;
    if (!schema.contains("description")) schema["description"] = plain.text;
    for (const PlainField& field : plain.fields) AddField(field, schema);
  }
}

}  // namespace qalam::apiserver
