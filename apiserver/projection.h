// How stored resources appear in the API: as themselves, or a trial as the job and the pod that it runs as.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/resource.h"

namespace qalam::apiserver {

/// Shows each stored resource of one kind as at most one object. The object has the resource's version; when
/// a change of the resource makes it appear or vanish, watches see that.
///
/// Threads: all functions are const and may run concurrently.
class Projection {
 public:
  virtual ~Projection() = default;

  /// Whether there is such an object.
  virtual bool Shows(const api::Resource&) const { return true; }
  virtual api::ObjectKey KeyOf(const api::Resource& resource) const { return resource.key(); }
  /// The stored resource that an object of that key would belong to; none when the key cannot be one.
  virtual std::optional<api::ObjectKey> StoredKey(const api::ObjectKey& key) const { return key; }
  virtual api::StringMap LabelsOf(const api::Resource& resource) const { return resource.metadata.labels; }
  /// Paths beyond metadata.name and metadata.namespace that field selectors may ask: the value, or none for a
  /// path that they may not.
  virtual std::optional<std::string> FieldOf(const api::Resource&, std::string_view /*path*/) const {
    return std::nullopt;
  }
  /// One compact line with apiVersion and kind.
  virtual std::string JsonOf(const api::Resource& resource) const;
};

/// Every resource as itself.
const Projection& AsStored();

}  // namespace qalam::apiserver
