// Where the next page of a list begins.
#pragma once

#include <string>
#include <string_view>

#include "api/resource.h"
#include "apiserver/resource_type.h"
#include "base/status.h"

namespace qalam::apiserver {

/// What a list was asked for, as it was asked.
struct ListScope {
  const ResourceType* type;
  std::string_view namespace_name;  // empty: all
  std::string_view label_selector, field_selector;
};

struct ListPosition {
  std::string resource_version;  // of the first page
  api::ObjectKey after;          // the last object that was told
  bool operator==(const ListPosition&) const = default;
};

/// Safe in a query without escapes. The token belongs to the scope: it is a position in that list, says
/// nothing of any other and grants nothing.
std::string WriteContinueToken(const ListScope& scope, const ListPosition& position);

/// Failure 400 for text that WriteContinueToken has not made for this scope.
absl::StatusOr<ListPosition> ReadContinueToken(const ListScope& scope, std::string_view token);

}  // namespace qalam::apiserver
