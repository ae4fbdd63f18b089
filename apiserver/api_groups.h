// The groups, versions and resources of the API as discovery and OpenAPI list them: what is stored or projected, subresources, and the
// reviews that are only ever created. Internal to this room.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apiserver/resource_type.h"

namespace qalam::apiserver {

struct Subresource {
  std::string_view name;  // "status"
  std::vector<std::string_view> verbs;
};

struct ListedResource {
  std::string_view plural, singular, kind;
  bool namespaced = true;
  std::vector<std::string_view> verbs;
  std::vector<std::string_view> short_names = {}, categories = {};
  std::vector<Subresource> subresources = {};
  const ResourceType* type = nullptr;  // null for reviews
};

struct GroupVersion {
  std::string_view group, version;  // group "" is the core
  std::vector<ListedResource> resources;

  std::string api_version() const;  // "kubeflow.org/v1beta1", "v1"
  std::string path() const;         // "apis/kubeflow.org/v1beta1", "api/v1"
};

/// The core group first; versions of one group stand side by side.
std::span<const GroupVersion> AllGroupVersions();

}  // namespace qalam::apiserver
