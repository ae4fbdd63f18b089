// The resource types of the API: one row each, from which routes, discovery, schemas and tables follow.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apiserver/projection.h"
#include "base/status.h"

namespace qalam::apiserver {

/// A column of `kubectl get` beyond Name.
struct Column {
  std::string_view name;
  std::string_view type = "string";  // string, integer, number, boolean, date
  std::string_view path;             // into the object: ".status.conditions[-1:].type"; empty: `text` says it
  std::string (*text)(const api::Resource& stored) = nullptr;
  std::string_view description = {};
  int priority = 0;  // above 0: only with -o wide
};

enum class Writable {
  kYes,
  kNo,  // a view of something else: get, list, watch
};

struct ResourceType {
  std::string_view group;    // "" for the core group
  std::string_view version;  // "v1beta1"
  std::string_view plural, singular, kind;
  bool namespaced = true;
  bool has_status = false;  // subresource status
  Writable writable = Writable::kYes;
  api::Kind stored;  // what is kept, or seen through `projection`
  const Projection& (*projection)() = AsStored;
  std::vector<std::string_view> short_names = {}, categories = {};
  std::vector<Column> columns = {};
  bool name_is_last = false;  // `kubectl get` shows the name after the columns, and with -o wide only
  /// The built-in kinds take strategic merge patches, which for the kinds here are merge patches; custom
  /// resources refuse them (415).
  bool built_in = false;
  /// Completes and checks an object as a client wants to have it stored, after a patch too: defaults, fields
  /// that are only written. Failure 422 with a cause for each field.
  absl::Status (*prepare)(nlohmann::json& wanted) = nullptr;

  std::string api_version() const;  // "kubeflow.org/v1beta1", "v1"
};

/// All of them, in the order of discovery.
std::span<const ResourceType> AllResourceTypes();
/// Null when there is none.
const ResourceType* FindResourceType(std::string_view group, std::string_view version,
                                     std::string_view plural);

// The rows, by API group.
std::vector<ResourceType>
CoreTypes();  // namespaces, events, configmaps, secrets, persistentvolumeclaims, pods
std::vector<ResourceType> BatchTypes();     // jobs
std::vector<ResourceType> KubeflowTypes();  // experiments, suggestions, trials
std::vector<ResourceType>
TrainerTypes();  // optimizationjobs, trainjobs, trainingruntimes, clustertrainingruntimes

}  // namespace qalam::apiserver
