// The shapes in which clients ask for objects: whole, as rows of a table, or their metadata alone.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "api/resource.h"
#include "apiserver/resource_type.h"

namespace qalam::apiserver {

enum class ObjectFormat { kObject, kTable, kMetadata };

/// By the header Accept: the first form that is there, as kubectl lists them; kObject for a type that is not. The table has the media types
/// application/json;as=Table;v=v1;g=meta.k8s.io and v1beta1, metadata as=PartialObjectMetadata.
ObjectFormat ReadObjectFormat(std::string_view accept);

/// One object: as it is, a Table with one row, or PartialObjectMetadata.
std::string FormatObject(const ResourceType& type, const api::Resource& resource, ObjectFormat format,
                         absl::Time now);

struct ListMetadata {
  std::string resource_version, continue_token;
  std::optional<std::int64_t> remaining;
};
std::string FormatList(const ResourceType& type, std::span<const api::ResourcePtr> resources,
                       const ListMetadata& metadata, ObjectFormat format, absl::Time now);

}  // namespace qalam::apiserver
