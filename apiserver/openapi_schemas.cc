#include "apiserver/openapi_schemas.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "api/schema_json.h"
#include "apiserver/plain_schemas.h"

namespace qalam::apiserver {
namespace {

using Json = nlohmann::ordered_json;

std::string MetaName(std::string_view kind) { return std::string(kMetaSchemas).append(kind); }

// A reference with a text beside it has to be wrapped: in OpenAPI v3 nothing may stand beside $ref.
Json Described(std::string_view text, const std::string& name) {
  return {{"description", text}, {"allOf", Json::array({SchemaReference(name)})}};
}

Json Text(std::string_view description) { return {{"description", description}, {"type", "string"}}; }
Json Integer(std::string_view description, std::string_view format) {
  return {{"description", description}, {"type", "integer"}, {"format", format}};
}
Json ListOf(std::string_view description, Json items) {
  return {{"description", description},
          {"type", "array"},
          {"items", std::move(items)},
          {"x-kubernetes-list-type", "atomic"}};
}

Json Object(std::string_view description, Json properties) {
  return {{"description", description}, {"type", "object"}, {"properties", std::move(properties)}};
}

// apiVersion and kind come first.
Json Kinded(std::string_view description, Json properties) {
  Json all = {{"apiVersion", Text("Group and version of the object.")},
              {"kind", Text("Kind of the object.")}};
  all.update(properties);
  return Object(description, std::move(all));
}

Json ListMeta() {
  return Object("What is known of a list.",
                {{"continue", Text("Token for the rest of the list; empty when this is all.")},
                 {"remainingItemCount", Integer("Number of objects in the rest.", "int64")},
                 {"resourceVersion", Text("Version of the list: a watch from here misses nothing.")},
                 {"selfLink", Text("Known from old versions of Kubernetes and never set.")}});
}

Json Status() {
  const Json cause =
      Object("One of the causes.", {{"field", Text("Path of the field.")},
                                    {"message", Text("What is wrong, for people to read.")},
                                    {"reason", Text("What is wrong, in one word for programs.")}});
  const Json details =
      Object("What the answer is about.", {{"causes", ListOf("What is wrong, one by one.", cause)},
                                           {"group", Text("Group of the resource.")},
                                           {"kind", Text("Plural name of the resource.")},
                                           {"name", Text("Name of the object.")},
                                           {"retryAfterSeconds", Integer("When to ask again.", "int32")},
                                           {"uid", Text("Identity of the object.")}});
  return Kinded("How a request went that has no object for an answer.",
                {{"code", Integer("HTTP code.", "int32")},
                 {"details", details},
                 {"message", Text("What happened, for people to read.")},
                 {"metadata", Described("Empty.", MetaName("ListMeta"))},
                 {"reason", Text("What happened, in one word for programs.")},
                 {"status", Text("Success or Failure.")}});
}

Json DeleteOptions() {
  const Json preconditions = Object("What must hold, or the request is refused.",
                                    {{"resourceVersion", Text("Version that the object must have.")},
                                     {"uid", Text("Identity that the object must have.")}});
  return Kinded(
      "How an object is to be deleted.",
      {{"dryRun", ListOf("\"All\": nothing is deleted.", {{"type", "string"}})},
       {"gracePeriodSeconds", Integer("Seconds that the object has left.", "int64")},
       {"orphanDependents", {{"description", "Old form of propagationPolicy."}, {"type", "boolean"}}},
       {"preconditions", preconditions},
       {"propagationPolicy",
        Text("What becomes of the objects that belong to it: Orphan, Background or Foreground.")}});
}

Json MetaSchemas() {
  return {{MetaName("DeleteOptions"), DeleteOptions()},
          {MetaName("ListMeta"), ListMeta()},
          {MetaName("ObjectMeta"), api::MetadataSchema()},
          {MetaName("Patch"), {{"description", "A change of an object."}, {"type", "object"}}},
          {MetaName("Status"), Status()}};
}

Json KindMark(const GroupVersion& group, std::string_view kind) {
  return Json::array({{{"group", group.group}, {"version", group.version}, {"kind", kind}}});
}

Json ObjectSchema(const GroupVersion& group, const ListedResource& resource) {
  const bool stored = resource.type != nullptr && resource.type->kind == api::KindName(resource.type->stored);
  Json own = stored ? api::SchemaOf(resource.type->stored) : Json::object();
  DescribePlainKind(resource.kind, own);
  Json schema = Kinded(own.value("description", ""),
                       {{"metadata", Described("Name, labels, and what the server keeps about the object.",
                                               MetaName("ObjectMeta"))}});
  if (own.contains("properties")) schema["properties"].update(own["properties"]);
  if (resource.type != nullptr && !resource.type->has_status) schema["properties"].erase("status");
  schema["x-kubernetes-group-version-kind"] = KindMark(group, resource.kind);
  return schema;
}

Json ListSchema(const GroupVersion& group, std::string_view kind) {
  Json schema = Kinded(fmt::format("A list of objects of kind {}.", kind),
                       {{"metadata", Described("What is known of the list.", MetaName("ListMeta"))},
                        {"items", ListOf("The objects.", SchemaReference(SchemaName(group, kind)))}});
  schema["x-kubernetes-group-version-kind"] = KindMark(group, fmt::format("{}List", kind));
  return schema;
}

}  // namespace

std::string SchemaName(const GroupVersion& group, std::string_view kind) {
  std::string_view name = group.group.empty() ? "core" : group.group;
  std::string reversed;
  if (name.find('.') == std::string_view::npos) {
    reversed = fmt::format("io.k8s.api.{}", name);
  } else if (name.ends_with(".k8s.io")) {
    reversed = fmt::format("io.k8s.api.{}", name.substr(0, name.size() - 7));
  } else {
    while (!name.empty()) {
      const std::size_t dot = name.rfind('.');
      reversed.append(reversed.empty() ? "" : ".").append(name.substr(dot + 1));
      name = name.substr(0, dot == std::string_view::npos ? 0 : dot);
    }
  }
  return fmt::format("{}.{}.{}", reversed, group.version, kind);
}

Json SchemaReference(const std::string& name) { return {{"$ref", std::string(kSchemaPrefix) + name}}; }

Json SchemasOf(const GroupVersion& group) {
  Json schemas = MetaSchemas();
  for (const ListedResource& resource : group.resources) {
    schemas[SchemaName(group, resource.kind)] = ObjectSchema(group, resource);
    if (resource.type == nullptr) continue;
    schemas[SchemaName(group, fmt::format("{}List", resource.kind))] = ListSchema(group, resource.kind);
  }
  return schemas;
}

}  // namespace qalam::apiserver
