#include "server/namespaces.h"

#include <set>

#include "api/plain.h"

namespace qalam::server {

absl::Status EnsureNamespaces(api::ResourceStore& store) {
  std::set<std::string> used = {"default"};
  for (const api::Kind kind : api::AllKinds()) {
    if (!api::IsNamespaced(kind)) continue;
    QALAM_ASSIGN_OR_RETURN(const api::ResourceList list, store.List(kind, ""));
    for (const api::ResourcePtr& item : list.items) used.insert(item->metadata.namespace_name);
  }
  for (const std::string& name : used) {
    api::Namespace wanted;
    wanted.metadata.name = name;
    const absl::Status status = store.Create(wanted).status();
    if (!status.ok() && !absl::IsAlreadyExists(status)) return status;
  }
  return absl::OkStatus();
}

}  // namespace qalam::server
