// The shapes in which clients ask for objects: whole, as rows of a table, or their metadata alone.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "api/resource.h"
#include "apiserver/resource_type.h"

namespace qalam::apiserver {

struct ObjectFormat {
  enum Shape { kObject, kTable, kMetadata };
  enum Include { kNone, kMetadataOnly, kWhole };

  // Most often the shape says it all. NOLINTNEXTLINE(google-explicit-constructor)
  ObjectFormat(Shape wanted = kObject) : shape(wanted) {}

  Shape shape;
  bool beta = false;                // of tables and metadata: meta.k8s.io/v1beta1 instead of v1
  Include include = kMetadataOnly;  // what a table's row carries beside its cells

  bool operator==(const ObjectFormat&) const = default;
};

/// By the header Accept: the first form that is there, as kubectl lists them; kObject for a type that is not.
/// A table has the media types application/json;as=Table;v=v1;g=meta.k8s.io and v1beta1, metadata
/// as=PartialObjectMetadata. `include_object` is the query parameter includeObject: None, Metadata or Object;
/// anything else counts as Metadata, its default.
ObjectFormat ReadObjectFormat(std::string_view accept, std::string_view include_object = {});

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
