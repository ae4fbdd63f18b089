// Who may do what in the Kubernetes-style API.
#pragma once

#include <string>
#include <vector>

#include "apiserver/access.h"
#include "apiserver/request_info.h"
#include "base/status.h"

namespace qalam::server {

/// Of kube-apiserver: may everything, whatever a policy says.
inline constexpr std::string_view kMasters = "system:masters";

/// Allows one of `verbs` to one of `users` or `groups`: on one of `resources` in one of `namespaces`, or
/// below one of `paths`. As written.
struct PolicyRule {
  std::vector<std::string> users, groups, verbs, namespaces, resources, paths;
};

/// Rules that allow; what none allows is forbidden.
///
/// Threads: const, may be called concurrently.
class ApiPolicy {
 public:
  /// A YAML file:
  ///
  ///     rules:
  ///     - groups: [team-a]             # and, or instead, users; "*": every user there is
  ///       namespaces: [a]              # "*": all, and what is in no namespace
  ///       verbs: [get, list, watch]    # create, update, patch, delete, deletecollection; "*": all
  ///       resources: [experiments, pods/log]   # plurals, subresources apart; "*": all of both
  ///     - users: [probe]
  ///       verbs: [get]
  ///       paths: [/metrics, /debug/*]  # instead of namespaces and resources
  ///
  /// INVALID_ARGUMENT with every error: file, line, field, what was seen, what would be right.
  static absl::StatusOr<ApiPolicy> Read(const std::string& path, const std::string& text);

  bool Allows(const apiserver::User& user, const apiserver::RequestInfo& info) const;

 private:
  std::vector<PolicyRule> rules_;
};

/// Failure 403 in Kubernetes' words. It says the same whether the object exists or not.
absl::Status Forbidden(const apiserver::User& user, const apiserver::RequestInfo& info);

}  // namespace qalam::server
