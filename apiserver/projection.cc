#include "apiserver/projection.h"

#include "api/codec.h"

namespace qalam::apiserver {

std::string Projection::JsonOf(const api::Resource& resource) const { return api::ToJson(resource); }

const Projection& AsStored() {
  static const Projection kAsStored;
  return kAsStored;
}

}  // namespace qalam::apiserver
