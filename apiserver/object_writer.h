// Writing objects: create, update, patch, delete.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "api/resource_store.h"
#include "apiserver/admission.h"
#include "apiserver/references.h"
#include "apiserver/request_info.h"
#include "apiserver/resource_type.h"
#include "apiserver/write_options.h"
#include "base/status.h"
#include "http/message.h"

namespace qalam::apiserver {

struct Written {
  api::ResourcePtr object;
  bool created = false;
  std::vector<std::string> warnings;
};

/// Each function takes a request for an object of a type that is stored as itself, and fails with a Failure.
/// With dryRun=All everything is checked and answered as usual, and nothing stored. `may` tells what else the
/// writer is allowed: to read what the object refers to, and to create what an apply finds missing.
///
/// Threads: all functions may be called concurrently.
class ObjectWriter {
 public:
  /// `rules` names the store that is written to, too.
  ObjectWriter(api::ResourceStore& store, AdmissionRules rules, std::function<absl::Time()> now)
      : store_(store), rules_(std::move(rules)), now_(std::move(now)) {}

  absl::StatusOr<Written> Create(const ResourceType& type, const RequestInfo& info,
                                 const http::Request& request, const May& may);

  /// Of the object, or of its status. Custom resources must name the version that they change (422).
  absl::StatusOr<Written> Update(const ResourceType& type, const RequestInfo& info,
                                 const http::Request& request, const May& may);

  /// Likewise; tried again when somebody else writes meanwhile, unless the patch says which version it is
  /// for. A server-side apply creates what is not there.
  absl::StatusOr<Written> Patch(const ResourceType& type, const RequestInfo& info,
                                const http::Request& request, const May& may);

  struct Deleted {
    api::ResourcePtr object;  // as it waits for its finalizers, else as it was
    bool gone;
  };
  absl::StatusOr<Deleted> Delete(const ResourceType& type, const RequestInfo& info,
                                 const http::Request& request);

  /// Everything that the query selects; what was there when it began.
  absl::StatusOr<std::vector<api::ResourcePtr>> DeleteCollection(const ResourceType& type,
                                                                 const RequestInfo& info,
                                                                 const http::Request& request);

 private:
  struct Call;  // one write and what it was told

  absl::StatusOr<Written> CreateFrom(Call& call, nlohmann::json document);
  absl::StatusOr<Written> Change(Call& call);

  api::ResourceStore& store_;
  const AdmissionRules rules_;
  const std::function<absl::Time()> now_;
};

}  // namespace qalam::apiserver
