#include "apiserver/resource_type.h"

#include <algorithm>

namespace qalam::apiserver {
namespace {

std::vector<ResourceType> Collect() {
  std::vector<ResourceType> types;
  for (const auto& rows : {CoreTypes(), BatchTypes(), KubeflowTypes(), TrainerTypes()}) {
    types.insert(types.end(), rows.begin(), rows.end());
  }
  return types;
}

}  // namespace

std::string ResourceType::api_version() const {
  std::string text(group);
  if (!text.empty()) text += '/';
  return text.append(version);
}

std::span<const ResourceType> AllResourceTypes() {
  static const std::vector<ResourceType> kTypes = Collect();
  return kTypes;
}

const ResourceType* FindResourceType(std::string_view group, std::string_view version,
                                     std::string_view plural) {
  const std::span<const ResourceType> types = AllResourceTypes();
  const auto found = std::find_if(types.begin(), types.end(), [&](const ResourceType& type) {
    return type.group == group && type.version == version && type.plural == plural;
  });
  return found == types.end() ? nullptr : &*found;
}

}  // namespace qalam::apiserver
