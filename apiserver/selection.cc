#include "apiserver/selection.h"

namespace qalam::apiserver {

bool Selection::Shows(const api::Resource& resource) const {
  const Projection& projection = type->projection();
  return projection.Shows(resource) &&
         (namespace_name.empty() || projection.KeyOf(resource).namespace_name == namespace_name) &&
         labels.Matches(projection.LabelsOf(resource)) && fields.Matches(projection, resource);
}

}  // namespace qalam::apiserver
