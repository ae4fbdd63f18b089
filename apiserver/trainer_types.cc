#include "apiserver/resource_type.h"

namespace qalam::apiserver {

std::vector<ResourceType> TrainerTypes() { return {}; }

}  // namespace qalam::apiserver
