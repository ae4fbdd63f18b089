#include "apiserver/api_groups.h"

#include <algorithm>

namespace qalam::apiserver {
namespace {

ListedResource Listed(const ResourceType& type) {
  ListedResource resource{.plural = type.plural,
                          .singular = type.singular,
                          .kind = type.kind,
                          .namespaced = type.namespaced,
                          .short_names = type.short_names,
                          .categories = type.categories,
                          .type = &type};
  const bool writable = type.writable == Writable::kYes;
  if (writable) {
    resource.verbs = {"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"};
  } else {
    resource.verbs = {"get", "list", "watch"};
  }
  if (type.kind == "Pod") resource.subresources.push_back({.name = "log", .verbs = {"get"}});
  if (type.has_status) {
    resource.subresources.push_back({.name = "status",
                                     .verbs = writable
                                                  ? std::vector<std::string_view>{"get", "patch", "update"}
                                                  : std::vector<std::string_view>{"get"}});
  }
  return resource;
}

ListedResource Review(std::string_view plural, std::string_view singular, std::string_view kind) {
  return {.plural = plural, .singular = singular, .kind = kind, .namespaced = false, .verbs = {"create"}};
}

std::vector<GroupVersion> Collect() {
  std::vector<GroupVersion> groups;
  for (const ResourceType& type : AllResourceTypes()) {
    auto group = std::find_if(groups.begin(), groups.end(), [&](const GroupVersion& candidate) {
      return candidate.group == type.group && candidate.version == type.version;
    });
    if (group == groups.end()) {
      group = groups.insert(groups.end(), {.group = type.group, .version = type.version});
    }
    group->resources.push_back(Listed(type));
  }
  groups.push_back({.group = "authentication.k8s.io",
                    .version = "v1",
                    .resources = {Review("selfsubjectreviews", "selfsubjectreview", "SelfSubjectReview")}});
  groups.push_back(
      {.group = "authorization.k8s.io",
       .version = "v1",
       .resources = {Review("selfsubjectaccessreviews", "selfsubjectaccessreview", "SelfSubjectAccessReview"),
                     Review("selfsubjectrulesreviews", "selfsubjectrulesreview", "SelfSubjectRulesReview"),
                     Review("subjectaccessreviews", "subjectaccessreview", "SubjectAccessReview")}});
  std::stable_sort(groups.begin(), groups.end(), [](const GroupVersion& a, const GroupVersion& b) {
    return a.group.empty() && !b.group.empty();
  });
  return groups;
}

}  // namespace

std::string GroupVersion::api_version() const {
  return group.empty() ? std::string(version) : std::string(group) + "/" + std::string(version);
}

std::string GroupVersion::path() const { return (group.empty() ? "api/" : "apis/") + api_version(); }

std::span<const GroupVersion> AllGroupVersions() {
  static const std::vector<GroupVersion> kGroups = Collect();
  return kGroups;
}

}  // namespace qalam::apiserver
