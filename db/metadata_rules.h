// What Kubernetes asks of metadata, and the words of its refusals. Internal to this room.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "api/resource.h"
#include "base/status.h"

namespace qalam::db {

/// Name (DNS-1123 subdomain, at most 253), namespace (DNS-1123 label, at most 63; none for kinds that are in
/// none), finalizers and owner references. INVALID_ARGUMENT, all errors in one message, each with its field
/// path.
absl::Status CheckMetadata(const api::Resource& resource);

/// Beyond CheckMetadata: finalizers may go, but not come, once the deletion timestamp is set.
absl::Status CheckFinalizersOfDeleted(const api::Resource& updated, const api::Resource& stored);

/// `prefix`, cut to 58 characters, and five characters of bcdfghjklmnpqrstvwxz2456789. `random` gives uniform
/// 64 bits.
std::string GenerateName(std::string_view prefix, const std::function<std::uint64_t()>& random);

/// A random UUID (RFC 4122, version 4).
std::string GenerateUid(const std::function<std::uint64_t()>& random);

absl::Status NotFound(api::Kind kind, std::string_view name);
absl::Status AlreadyExists(const api::Resource& existing);
/// ABORTED: the caller's resource version is stale.
absl::Status Conflict(api::Kind kind, std::string_view name);
/// ABORTED: the name belongs to another object than the caller means.
absl::Status UidConflict(const api::Resource& stored, std::string_view uid);
absl::Status VersionConflict(const api::Resource& stored, std::string_view resource_version);

}  // namespace qalam::db
