// A document made into a resource. Internal to this room.
#pragma once

#include <memory>
#include <span>

#include "api/field_reader.h"
#include "api/resource.h"

namespace qalam::api {

/// Reads the resource that `root` says it is; errors go to the context. Null when it is none of `kinds`.
std::shared_ptr<Resource> ReadResource(ReadContext& context, const Node& root, std::span<const Kind> kinds);

}  // namespace qalam::api
