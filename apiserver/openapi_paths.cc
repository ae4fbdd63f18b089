#include "apiserver/openapi_paths.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "apiserver/openapi_schemas.h"

namespace qalam::apiserver {
namespace {

using Json = nlohmann::ordered_json;

struct QueryParameter {
  std::string_view name, type, text;
};

// What a verb takes in the query.
std::vector<QueryParameter> ParametersOf(std::string_view verb) {
  static const QueryParameter kDryRun = {"dryRun", "string", "\"All\": nothing is kept."};
  static const QueryParameter kManager = {"fieldManager", "string", "Name of the writer, for managedFields."};
  static const QueryParameter kValidation = {"fieldValidation", "string",
                                             "What becomes of unknown fields: Ignore, Warn or Strict."};
  static const std::vector<QueryParameter> kSelection = {
      {"continue", "string", "Token of the list before."},
      {"fieldSelector", "string", "Fields that the objects must have: metadata.name=x."},
      {"labelSelector", "string", "Labels that the objects must have: a=b,c!=d,e in (f,g),!h."},
      {"limit", "integer", "Most objects to answer with."},
      {"resourceVersion", "string", "Version to read or to begin from."},
      {"resourceVersionMatch", "string", "How the version counts: Exact or NotOlderThan."},
      {"sendInitialEvents", "boolean", "Begin a watch with what there is."},
      {"timeoutSeconds", "integer", "When a watch ends."}};
  if (verb == "create" || verb == "update") return {kDryRun, kManager, kValidation};
  if (verb == "patch") {
    return {kDryRun,
            kManager,
            kValidation,
            {"force", "boolean", "Take fields over that others own (apply only)."}};
  }
  if (verb == "delete" || verb == "deletecollection") {
    std::vector<QueryParameter> parameters = {
        kDryRun,
        {"gracePeriodSeconds", "integer", "Seconds that the object has left."},
        {"propagationPolicy", "string",
         "What becomes of what belongs to it: Orphan, Background, Foreground."}};
    if (verb == "deletecollection") parameters.insert(parameters.end(), kSelection.begin(), kSelection.end());
    return parameters;
  }
  if (verb == "list") {
    std::vector<QueryParameter> parameters = kSelection;
    parameters.push_back({"allowWatchBookmarks", "boolean", "Whether a watch may send bookmarks."});
    parameters.push_back({"watch", "boolean", "Send changes as they come instead of a list."});
    return parameters;
  }
  if (verb == "log") {
    return {{"container", "string", "The container; the primary one unless given."},
            {"follow", "boolean", "Go on until the program has ended."},
            {"limitBytes", "integer", "Most bytes to send."},
            {"sinceSeconds", "integer", "Only lines that are not older."},
            {"tailLines", "integer", "Only that many lines at the end."},
            {"timestamps", "boolean", "Begin each line with its time."}};
  }
  return {};
}

Json QueryJson(const QueryParameter& parameter) {
  return {{"name", parameter.name},
          {"in", "query"},
          {"description", parameter.text},
          {"schema", {{"type", parameter.type}, {"uniqueItems", true}}}};
}

Json PathParameter(std::string_view name, std::string_view text) {
  return {{"name", name},
          {"in", "path"},
          {"description", text},
          {"required", true},
          {"schema", {{"type", "string"}, {"uniqueItems", true}}}};
}

// "kubeflow.org", "v1beta1" -> "KubeflowOrgV1beta1"
std::string Camel(const GroupVersion& group) {
  std::string camel;
  bool upper = true;
  for (const char c : fmt::format("{}.{}", group.group.empty() ? "core" : group.group, group.version)) {
    if (c == '.') {
      upper = true;
      continue;
    }
    camel += upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    upper = false;
  }
  return camel;
}

// Writes the operations of one resource.
class ResourcePaths {
 public:
  ResourcePaths(const GroupVersion& group, const ListedResource& resource)
      : group_(group), resource_(resource), schema_(SchemaName(group, resource.kind)) {}

  void AddTo(Json& paths) const {
    const std::string top = fmt::format("/{}", group_.path());
    const std::string base = resource_.namespaced ? top + "/namespaces/{namespace}" : top;
    const std::string collection = fmt::format("{}/{}", base, resource_.plural);
    Json path_parameters = Json::array();
    if (resource_.namespaced) {
      path_parameters.push_back(PathParameter("namespace", "Namespace of the object."));
    }
    AddPath(paths, collection, path_parameters, {"list", "create", "deletecollection"}, resource_.verbs, {});
    if (resource_.namespaced) {
      AddPath(paths, fmt::format("{}/{}", top, resource_.plural), Json::array(), {"list"}, resource_.verbs,
              "ForAllNamespaces");
    }
    path_parameters.push_back(PathParameter("name", "Name of the object."));
    const std::string object = collection + "/{name}";
    AddPath(paths, object, path_parameters, {"get", "update", "patch", "delete"}, resource_.verbs, {});
    for (const Subresource& subresource : resource_.subresources) {
      const bool log = subresource.name == "log";
      const std::vector<std::string_view> verbs =
          log ? std::vector<std::string_view>{"log"} : subresource.verbs;
      AddPath(paths, fmt::format("{}/{}", object, subresource.name), path_parameters, verbs, verbs,
              log ? "Log" : "Status");
    }
  }

 private:
  // Those of `wanted` that are among `verbs`.
  void AddPath(Json& paths, const std::string& path, const Json& parameters,
               const std::vector<std::string_view>& wanted, const std::vector<std::string_view>& verbs,
               std::string_view suffix) const {
    Json item;
    for (const std::string_view verb : wanted) {
      if (std::find(verbs.begin(), verbs.end(), verb) == verbs.end()) continue;
      item[std::string(MethodOf(verb))] = Operation(verb, suffix);
    }
    if (item.empty()) return;
    if (!parameters.empty()) item["parameters"] = parameters;
    paths[path] = std::move(item);
  }

  static std::string_view MethodOf(std::string_view verb) {
    if (verb == "create") return "post";
    if (verb == "update") return "put";
    if (verb == "patch") return "patch";
    if (verb == "delete" || verb == "deletecollection") return "delete";
    return "get";
  }

  Json Operation(std::string_view verb, std::string_view suffix) const {
    const bool of_all = suffix == "ForAllNamespaces";
    Json operation = {{"tags", {fmt::format("{}_{}", Camel(group_), group_.version)}},
                      {"description", Sentence(verb, suffix)},
                      {"operationId", fmt::format("{}{}{}{}{}", verb, Camel(group_),
                                                  resource_.namespaced && !of_all ? "Namespaced" : "",
                                                  resource_.kind, suffix)}};
    Json parameters = Json::array();
    for (const QueryParameter& parameter : ParametersOf(verb)) parameters.push_back(QueryJson(parameter));
    if (!parameters.empty()) operation["parameters"] = std::move(parameters);
    if (Json body = Body(verb); !body.is_null()) operation["requestBody"] = std::move(body);
    operation["responses"] = Responses(verb);
    operation["x-kubernetes-action"] = verb == "create" ? "post" : verb == "update" ? "put" : verb;
    operation["x-kubernetes-group-version-kind"] = {
        {"group", group_.group}, {"version", group_.version}, {"kind", resource_.kind}};
    return operation;
  }

  std::string Sentence(std::string_view verb, std::string_view suffix) const {
    if (verb == "log") return "Reads what the program has written.";
    if (suffix == "Status") return fmt::format("{} the status of the {}.", Does(verb), resource_.kind);
    if (verb == "list") {
      return fmt::format("Lists or watches objects of kind {}{}.", resource_.kind,
                         suffix.empty() ? "" : " of every namespace");
    }
    if (verb == "deletecollection") return fmt::format("Deletes the {} that are selected.", resource_.plural);
    return fmt::format("{} the {}.", Does(verb), resource_.kind);
  }

  static std::string_view Does(std::string_view verb) {
    if (verb == "create") return "Creates";
    if (verb == "update") return "Replaces";
    if (verb == "patch") return "Changes";
    if (verb == "delete") return "Deletes";
    return "Reads";
  }

  static Json Content(const std::vector<std::string_view>& types, const Json& schema) {
    Json content;
    for (const std::string_view type : types) content[std::string(type)] = {{"schema", schema}};
    return {{"content", std::move(content)}};
  }

  Json Body(std::string_view verb) const {
    if (verb == "create" || verb == "update") {
      Json body = Content({"application/json", "application/yaml"}, SchemaReference(schema_));
      body["required"] = true;
      return body;
    }
    if (verb == "delete" || verb == "deletecollection") {
      return Content({"application/json"}, SchemaReference(std::string(kMetaSchemas) + "DeleteOptions"));
    }
    if (verb != "patch") return nullptr;
    std::vector<std::string_view> types = {"application/json-patch+json", "application/merge-patch+json",
                                           "application/apply-patch+yaml"};
    if (resource_.type->built_in) types.push_back("application/strategic-merge-patch+json");
    Json body = Content(types, SchemaReference(std::string(kMetaSchemas) + "Patch"));
    body["required"] = true;
    return body;
  }

  Json Responses(std::string_view verb) const {
    const auto answer = [](std::string_view text, std::string_view type, const Json& schema) {
      Json response = {{"description", text}};
      response.update(Content({type}, schema));
      return response;
    };
    Json responses;
    if (verb == "log") {
      responses["200"] = answer("The text.", "text/plain", {{"type", "string"}});
    } else if (verb == "list") {
      responses["200"] = answer("The list.", "application/json", SchemaReference(schema_ + "List"));
    } else if (verb == "deletecollection" || verb == "delete") {
      responses["200"] =
          answer("Deleted.", "application/json", SchemaReference(std::string(kMetaSchemas) + "Status"));
    } else {
      const Json schema = SchemaReference(schema_);
      if (verb != "create") responses["200"] = answer("The object.", "application/json", schema);
      if (verb == "create" || verb == "patch") {
        responses["201"] = answer("The object, created.", "application/json", schema);
      }
    }
    responses["401"] = {{"description", "It is not known who asks."}};
    return responses;
  }

  const GroupVersion& group_;
  const ListedResource& resource_;
  std::string schema_;
};

}  // namespace

Json PathsOf(const GroupVersion& group) {
  Json paths = Json::object();
  for (const ListedResource& resource : group.resources) ResourcePaths(group, resource).AddTo(paths);
  return paths;
}

}  // namespace qalam::apiserver
