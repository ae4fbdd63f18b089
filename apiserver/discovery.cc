#include "apiserver/discovery.h"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "apiserver/accept.h"
#include "apiserver/api_groups.h"
#include "apiserver/document.h"

namespace qalam::apiserver {
namespace {

using Json = nlohmann::ordered_json;

Document Plain(const Json& json) { return MakeDocument("application/json", json.dump()); }

Json VersionJson(const GroupVersion& group) {
  return {{"groupVersion", group.api_version()}, {"version", group.version}};
}

Json ResourceJson(const ListedResource& resource) {
  Json json = {{"name", resource.plural},
               {"singularName", resource.singular},
               {"namespaced", resource.namespaced},
               {"kind", resource.kind},
               {"verbs", resource.verbs}};
  if (!resource.short_names.empty()) json["shortNames"] = resource.short_names;
  if (!resource.categories.empty()) json["categories"] = resource.categories;
  return json;
}

Json ResourceListJson(const GroupVersion& group) {
  Json resources = Json::array();
  for (const ListedResource& resource : group.resources) {
    resources.push_back(ResourceJson(resource));
    for (const Subresource& subresource : resource.subresources) {
      resources.push_back({{"name", fmt::format("{}/{}", resource.plural, subresource.name)},
                           {"singularName", ""},
                           {"namespaced", resource.namespaced},
                           {"kind", resource.kind},
                           {"verbs", subresource.verbs}});
    }
  }
  return {{"kind", "APIResourceList"},
          {"apiVersion", "v1"},
          {"groupVersion", group.api_version()},
          {"resources", std::move(resources)}};
}

// The resource as an APIResourceDiscovery.
Json AggregatedJson(const GroupVersion& group, const ListedResource& resource) {
  const Json kind = {{"group", group.group}, {"version", group.version}, {"kind", resource.kind}};
  Json json = {{"resource", resource.plural},
               {"responseKind", kind},
               {"scope", resource.namespaced ? "Namespaced" : "Cluster"},
               {"singularResource", resource.singular},
               {"verbs", resource.verbs}};
  if (!resource.short_names.empty()) json["shortNames"] = resource.short_names;
  if (!resource.categories.empty()) json["categories"] = resource.categories;
  for (const Subresource& subresource : resource.subresources) {
    json["subresources"].push_back(
        {{"subresource", subresource.name}, {"responseKind", kind}, {"verbs", subresource.verbs}});
  }
  return json;
}

// Everything below /api (`core`) or /apis at once.
Document Aggregated(std::string_view version, bool core) {
  Json items = Json::array();
  for (const GroupVersion& group : AllGroupVersions()) {
    if (group.group.empty() != core) continue;
    if (items.empty() || items.back()["metadata"].value("name", "") != group.group) {
      Json metadata = {{"creationTimestamp", nullptr}};
      if (!core) metadata["name"] = group.group;
      items.push_back({{"metadata", std::move(metadata)}, {"versions", Json::array()}});
    }
    Json resources = Json::array();
    for (const ListedResource& resource : group.resources) {
      resources.push_back(AggregatedJson(group, resource));
    }
    items.back()["versions"].push_back(
        {{"version", group.version}, {"resources", std::move(resources)}, {"freshness", "Current"}});
  }
  const Json json = {{"kind", "APIGroupDiscoveryList"},
                     {"apiVersion", fmt::format("apidiscovery.k8s.io/{}", version)},
                     {"metadata", Json::object()},
                     {"items", std::move(items)}};
  return MakeDocument(
      fmt::format("application/json;g=apidiscovery.k8s.io;v={};as=APIGroupDiscoveryList", version),
      json.dump());
}

// By path; aggregated ones by path and version ("/apis v2").
std::map<std::string, Document, std::less<>> AllDocuments() {
  std::map<std::string, Document, std::less<>> documents;
  Json core_versions = Json::array();
  std::map<std::string_view, Json> groups;
  std::vector<std::string_view> order;
  for (const GroupVersion& group : AllGroupVersions()) {
    documents["/" + group.path()] = Plain(ResourceListJson(group));
    if (group.group.empty()) {
      core_versions.push_back(group.version);
      continue;
    }
    const auto [found, added] = groups.try_emplace(group.group);
    Json& json = found->second;
    if (added) {
      order.push_back(group.group);
      json = {{"name", group.group}, {"versions", Json::array()}, {"preferredVersion", VersionJson(group)}};
    }
    json["versions"].push_back(VersionJson(group));
  }
  Json list = Json::array();
  for (const std::string_view name : order) {
    list.push_back(groups[name]);
    Json alone = {{"kind", "APIGroup"}, {"apiVersion", "v1"}};
    alone.update(groups[name]);
    documents[fmt::format("/apis/{}", name)] = Plain(alone);
  }
  documents["/api"] = Plain(
      {{"kind", "APIVersions"}, {"versions", core_versions}, {"serverAddressByClientCIDRs", Json::array()}});
  documents["/apis"] = Plain({{"kind", "APIGroupList"}, {"apiVersion", "v1"}, {"groups", std::move(list)}});
  for (const std::string_view version : {"v2", "v2beta1"}) {
    documents[fmt::format("/api {}", version)] = Aggregated(version, true);
    documents[fmt::format("/apis {}", version)] = Aggregated(version, false);
  }
  return documents;
}

// "v2", "v2beta1", or empty for the plain form.
std::string_view AggregatedVersion(const http::Request& request) {
  for (const MediaType& type : ReadAccept(request.headers.Joined("Accept"))) {
    if (type.type != "application/json") continue;
    if (type.parameters.empty()) return {};
    if (type.Parameter("g") != "apidiscovery.k8s.io" || type.Parameter("as") != "APIGroupDiscoveryList")
      continue;
    if (type.Parameter("v") == "v2") return "v2";
    if (type.Parameter("v") == "v2beta1") return "v2beta1";
  }
  return {};
}

}  // namespace

std::optional<http::Response> AnswerDiscovery(const http::Request& request) {
  static const std::map<std::string, Document, std::less<>> kDocuments = AllDocuments();
  std::string key = request.path;
  if (key.ends_with('/')) key.pop_back();
  if (key.find(' ') != std::string::npos) return std::nullopt;
  if (key == "/api" || key == "/apis") {
    if (const std::string_view version = AggregatedVersion(request); !version.empty()) {
      key.append(" ").append(version);
    }
  }
  const auto found = kDocuments.find(key);
  if (found == kDocuments.end()) return std::nullopt;
  return Serve(found->second, request);
}

}  // namespace qalam::apiserver
