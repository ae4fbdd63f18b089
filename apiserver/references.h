// What an object has read on its behalf in other namespaces than its own.
#pragma once

#include <functional>

#include "api/resource.h"
#include "apiserver/request_info.h"
#include "base/status.h"

namespace qalam::apiserver {

/// Whether whoever makes a request may also do that: OK, or a Failure.
using May = std::function<absl::Status(const RequestInfo&)>;

/// An experiment may name a config map of another namespace as its template (spec.trialTemplate.configMap),
/// and earlier experiments of another one to begin with (qalam.dev/warm-start, as annotation or algorithm
/// setting; an optimization job passes its annotations on). Whoever writes such a name must be allowed to
/// read what it names; names that `live` (null: `written` is created) has already are not asked for again.
absl::Status CheckReferences(const api::Resource& written, const api::Resource* live, const May& may);

}  // namespace qalam::apiserver
