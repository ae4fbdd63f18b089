// Who wrote which field: metadata.managedFields, and server-side apply on top of it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "absl/time/time.h"
#include "base/status.h"

namespace qalam::apiserver {

struct FieldWriter {
  std::string manager;      // the query parameter fieldManager, else the client's User-Agent up to its "/"
  std::string api_version;  // of the object as it was sent: "kubeflow.org/v1beta1"
  std::string subresource;  // "status" or empty
  absl::Time now;
};

/// `written` with the managedFields that follow when `writer` has made it of `live` by a create, an update or
/// a patch (operation Update). `live` is null on creation. Lists are owned as a whole, as for resources
/// without a schema of their own. What nobody changed keeps its owners; managedFields set to [{}] or [] by
/// the client are cleared and begin anew.
nlohmann::json WithManagedFields(const nlohmann::json* live, nlohmann::json written,
                                 const FieldWriter& writer);

/// Server-side apply: `live` (null: it is created) with everything that `applied` says and without what the
/// manager applied before, alone, and leaves out now. Failure 409 Conflict with a cause for each field that
/// another manager owns and that would change, unless `force`, which takes the fields over. Failure 400 when
/// `applied` carries managedFields, or a list that repeats what must be unique.
absl::StatusOr<nlohmann::json> Apply(const nlohmann::json* live, const nlohmann::json& applied,
                                     const FieldWriter& writer, bool force);

}  // namespace qalam::apiserver
