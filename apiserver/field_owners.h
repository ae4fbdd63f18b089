// Who owns which fields of an object: the table behind metadata.managedFields. Internal to this room.
#pragma once

#include <compare>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "apiserver/field_set.h"

namespace qalam::apiserver {

/// Who appliers and updaters are told apart by. The order is that of messages.
struct Owner {
  std::string manager;
  bool applies = false;     // operation Apply rather than Update
  std::string api_version;  // empty for one that applies: it stays the same from version to version
  std::string subresource;

  auto operator<=>(const Owner&) const = default;
  std::string Text()
      const;  // as in conflicts: "kubectl" with subresource "status" using kubeflow.org/v1beta1
};

struct OwnedFields {
  std::string api_version;
  FieldSet fields;
  std::string time;  // as it stands in the object; may be empty
};

using FieldOwners = std::map<Owner, OwnedFields>;
using Conflicts = std::vector<std::pair<Owner, FieldSet>>;

/// INVALID_ARGUMENT for entries that cannot be understood.
absl::StatusOr<FieldOwners> ReadFieldOwners(const nlohmann::json& managed_fields);
/// Appliers first, each group by time.
nlohmann::json ToManagedFields(const FieldOwners& owners);

/// The owners after `owner` has made `after` of `before` by a create, an update or a patch.
FieldOwners AfterUpdate(const nlohmann::json& before, const nlohmann::json& after, FieldOwners owners,
                        const Owner& owner, const std::string& time);

/// Server-side apply by `owner`, at `api_version`: makes `document` and `owners` what they are afterwards.
/// Returns what other owners have set otherwise; unless `force`, nothing is changed then.
Conflicts ApplyFields(nlohmann::json& document, FieldOwners& owners, const nlohmann::json& applied,
                      const Owner& owner, const std::string& api_version, const std::string& time,
                      bool force);

}  // namespace qalam::apiserver
