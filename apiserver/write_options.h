// What a write may be told besides its object: CreateOptions, UpdateOptions, PatchOptions, DeleteOptions.
#pragma once

#include <string>
#include <string_view>

#include "api/resource_store.h"
#include "base/status.h"
#include "http/message.h"

namespace qalam::apiserver {

/// What becomes of fields that a kind does not have. They are dropped in any case.
enum class FieldValidation { kIgnore, kWarn, kStrict };

struct WriteOptions {
  bool dry_run = false;
  FieldValidation validation = FieldValidation::kWarn;
  std::string manager;  // the query parameter fieldManager, else the client's User-Agent up to its "/"
  bool force = false;
};

/// Of POST, PUT and PATCH, from the query. `apply`: of a server-side apply, which needs a fieldManager, and
/// alone may have `force`. Failure 422 with a cause for each parameter that is not right.
absl::StatusOr<WriteOptions> ReadWriteOptions(const http::Request& request, bool apply = false);

struct DeleteOptions {
  bool dry_run = false;
  api::Propagation propagation = api::Propagation::kBackground;
  std::string uid, resource_version;  // preconditions; empty: none
};

/// Of DELETE, from the body, and where that is empty from the query. Failure 400, 415 for a body that cannot
/// be read, 422 for options that are not right.
absl::StatusOr<DeleteOptions> ReadDeleteOptions(const http::Request& request);

}  // namespace qalam::apiserver
