// Marks trials as early stopped where Katib keeps them: in Kubernetes.
#pragma once

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "base/status.h"
#include "suggestion/services.h"

namespace qalam::server {

/// How a program in a pod reaches the API server.
struct KubernetesAccess {
  std::string host, port;
  /// Holds `token`, `ca.crt` and, if the trials are not in "default", `namespace`. Read at every call, because the
  /// kubelet replaces tokens.
  std::string service_account;
  absl::Duration timeout = absl::Seconds(30);  // of one SetTrialStatus
};

inline constexpr char kDefaultServiceAccount[] = "/var/run/secrets/kubernetes.io/serviceaccount";

/// What the kubelet tells every container, in KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT; nothing unless both are
/// set and `service_account` has a token.
std::optional<KubernetesAccess> FindKubernetesAccess(const std::string& service_account);

/// Appends the condition EarlyStopped to the Trial (kubeflow.org/v1beta1), as Katib's service does: reason TrialEarlyStopped,
/// message "Trial is early stopped". A trial that has it already is left alone. The change is made by a merge patch of the
/// sub-resource `status` that fails when somebody else changed the trial in between, and is then tried again.
///
/// INVALID_ARGUMENT:  the name cannot be one of a trial.
/// NOT_FOUND:         there is no such trial in the namespace of the pod.
/// PERMISSION_DENIED: the service account may not get trials or patch trials/status.
/// ABORTED:           the trial was changed by others every time.
/// UNAVAILABLE, DEADLINE_EXCEEDED, FAILED_PRECONDITION: the API server cannot be reached, see https_client.h.
/// Threads: any; calls block.
suggestion::StopTrial NewKubernetesStopTrial(KubernetesAccess access);

}  // namespace qalam::server
