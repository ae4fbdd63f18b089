#include "apiserver/resource_type.h"

namespace qalam::apiserver {
namespace {

const Column kAge{.name = "Age", .type = "date", .path = ".metadata.creationTimestamp"};

}  // namespace

std::vector<ResourceType> CoreTypes() {
  return {{.group = "",
           .version = "v1",
           .plural = "namespaces",
           .singular = "namespace",
           .kind = "Namespace",
           .namespaced = false,
           .has_status = true,
           .stored = api::Kind::kNamespace,
           .short_names = {"ns"},
           .columns = {{.name = "Status", .path = ".status.phase"}, kAge},
           .built_in = true},
          {.group = "",
           .version = "v1",
           .plural = "configmaps",
           .singular = "configmap",
           .kind = "ConfigMap",
           .stored = api::Kind::kConfigMap,
           .short_names = {"cm"},
           .columns = {kAge},
           .built_in = true}};
}

std::vector<ResourceType> BatchTypes() { return {}; }

}  // namespace qalam::apiserver
