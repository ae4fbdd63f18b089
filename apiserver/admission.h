// What is asked of an object beyond its shape before it may be stored.
#pragma once

#include <string>
#include <vector>

#include "api/resource_store.h"
#include "base/status.h"

namespace qalam::apiserver {

struct AdmissionRules {
  const api::ResourceStore& store;  // for what objects refer to: config maps, namespaces
  std::vector<std::string> algorithms, early_stopping_algorithms;  // that an Experiment may name
};

/// Fills the defaults of an experiment or an optimization job, unless it is being deleted.
void Complete(api::Resource& written);

/// Whether `written`, complete, may take the place of `live` (null: it is created). Experiments are checked
/// as Katib's webhook does, except that nothing is checked of one that is being deleted, nor when neither
/// spec nor annotations change: then Failure 400 in the webhook's words. Optimization jobs likewise, with
/// Failure 422. Creation in a namespace that is not there is Failure 404, in one that is being deleted 403.
absl::Status Admit(const AdmissionRules& rules, const api::Resource& written, const api::Resource* live);

/// Failure 403 for what must stay: the namespace "default".
absl::Status AdmitDeletion(const api::Resource& live);

}  // namespace qalam::apiserver
