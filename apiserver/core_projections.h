// Core kinds that are stored: what can be selected of them by field, and what they show beyond what is kept.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "apiserver/projection.h"
#include "base/status.h"

namespace qalam::apiserver {

const Projection& Events();      // fields involvedObject.*, reason, reportingComponent, source, type
const Projection& Namespaces();  // status.phase is Active, or Terminating once it is being deleted
const Projection& Secrets();     // field type

// Columns of `kubectl get events` and `kubectl get namespaces`.
std::string EventObject(const api::Resource& event);
std::string NamespacePhase(const api::Resource& name_space);
std::string DataCount(const api::Resource& resource);  // of a secret or a config map

/// ResourceType::prepare of secrets: type Opaque unless there is one, stringData moves into data in base64.
/// Failure 422 for data that is no base64 and for names of keys that Kubernetes refuses.
absl::Status PrepareSecret(nlohmann::json& secret);

/// Of persistent volume claims: nothing is provisioned, because trials see this machine's files, so a claim
/// is bound at once.
const Projection& PersistentVolumeClaims();

}  // namespace qalam::apiserver
