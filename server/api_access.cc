#include "server/api_access.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "apiserver/failure.h"
#include "server/api_audit.h"
#include "server/api_policy.h"
#include "server/api_secrets.h"
#include "server/api_tokens.h"
#include "server/bearer_tokens.h"
#include "server/host_guard.h"
#include "server/reread_file.h"
#include "server/server_credentials.h"

namespace qalam::server {
namespace {

using apiserver::RequestInfo;
using apiserver::User;

constexpr std::string_view kAnonymous = "system:anonymous";
constexpr std::string_view kAuthenticated = "system:authenticated";
constexpr std::string_view kUnauthenticated = "system:unauthenticated";

// What probes ask before anybody has a token, and what clients ask before they ask for objects. They tell of
// kinds, not of objects.
constexpr std::string_view kForEverybody[] = {"/healthz", "/livez", "/readyz", "/version"};
constexpr std::string_view kForUsers[] = {"/api", "/apis", "/openapi"};

// `path` itself or below it.
bool IsBelow(std::string_view path, std::span<const std::string_view> roots) {
  return std::any_of(roots.begin(), roots.end(), [&](std::string_view root) {
    return path.starts_with(root) && (path.size() == root.size() || path[root.size()] == '/');
  });
}

bool IsIn(const User& user, std::string_view group) {
  return std::find(user.groups.begin(), user.groups.end(), group) != user.groups.end();
}

User Known(User user) {
  if (!IsIn(user, kAuthenticated)) user.groups.emplace_back(kAuthenticated);
  return user;
}

absl::Status Unauthorized() { return apiserver::Failure(401, "Unauthorized", "Unauthorized"); }

// Whether every user may do it, whatever the policy says.
bool IsForUsers(const RequestInfo& info) {
  if (!info.is_resource) {
    return (info.verb == "get" || info.verb == "head") &&
           (IsBelow(info.path, kForUsers) || IsBelow(info.path, kForEverybody));
  }
  return info.group == "authorization.k8s.io" && info.resource == "selfsubjectaccessreviews" &&
         info.verb == "create";
}

absl::Status CheckOptions(const ApiAccessOptions& options) {
  if (options.no_auth && !IsLoopback(options.address)) {
    return absl::InvalidArgumentError(fmt::format(
        "--no-auth: {} can be reached from other machines, and whoever creates an experiment runs commands "
        "here; listen on 127.0.0.1 or leave --no-auth out",
        options.address));
  }
  if (options.no_auth && !(options.token_file + options.policy_file).empty()) {
    return absl::InvalidArgumentError(
        "--no-auth lets everybody do everything; leave it out, or --http-token-file and --http-policy");
  }
  return absl::OkStatus();
}

}  // namespace

struct ApiAccess::State {
  absl::StatusOr<User> ByToken(std::string_view token, absl::Time when) const {
    if (const User* user = administrator->Find(token)) return Known(*user);
    if (tokens != nullptr) {
      if (const User* user = tokens->Get(when)->Find(token)) return Known(*user);
    }
    return Unauthorized();
  }

  std::function<absl::Time()> clock;
  bool no_auth = false;
  std::unique_ptr<HostGuard> guard;
  std::optional<ApiTokens> administrator;
  std::unique_ptr<RereadFile<ApiTokens>> tokens;
  std::unique_ptr<RereadFile<ApiPolicy>> policy;
  std::unique_ptr<AuditFile> audit;
};

absl::StatusOr<std::unique_ptr<ApiAccess>> ApiAccess::Load(ApiAccessOptions options, Log& log,
                                                           std::function<absl::Time()> clock) {
  QALAM_RETURN_IF_ERROR(CheckOptions(options));
  const absl::Time now = clock();
  auto state = std::make_unique<State>();
  state->clock = std::move(clock);
  state->no_auth = options.no_auth;
  QALAM_ASSIGN_OR_RETURN(state->guard, HostGuard::Make(options.address, options.hosts, options.origins, now));
  const ApiSecrets secrets(options.data_directory);
  QALAM_RETURN_IF_ERROR(secrets.MakeFolder());
  QALAM_ASSIGN_OR_RETURN(std::string token, secrets.AdminToken());
  state->administrator.emplace(
      std::vector<TokenLine>{{std::move(token), {.name = "admin", .groups = {std::string(kMasters)}}}});
  if (!options.token_file.empty()) {
    const auto read = [](const std::string& path, const std::string& text) -> absl::StatusOr<ApiTokens> {
      QALAM_ASSIGN_OR_RETURN(const std::vector<TokenLine> lines, ReadTokenFile(path, text));
      return ApiTokens(lines);
    };
    QALAM_ASSIGN_OR_RETURN(state->tokens, RereadFile<ApiTokens>::Load(options.token_file, read, log, now));
  }
  if (!options.policy_file.empty()) {
    QALAM_ASSIGN_OR_RETURN(state->policy,
                           RereadFile<ApiPolicy>::Load(options.policy_file, &ApiPolicy::Read, log, now));
  }
  if (!options.audit_log.empty()) {
    state->audit = std::make_unique<AuditFile>(options.audit_log, options.audit_log_size, log);
    QALAM_RETURN_IF_ERROR(state->audit->Open());
  }
  return std::unique_ptr<ApiAccess>(new ApiAccess(std::move(state)));
}

ApiAccess::ApiAccess(std::unique_ptr<State> state) : state_(std::move(state)) {}
ApiAccess::~ApiAccess() = default;

absl::StatusOr<User> ApiAccess::Authenticate(const http::Request& request) {
  const absl::Time now = state_->clock();
  QALAM_RETURN_IF_ERROR(state_->guard->Check(request, now));
  // To act as the caller instead would be more than was asked for.
  if (request.headers.Find("Impersonate-User") || request.headers.Find("Impersonate-Uid")) {
    return apiserver::Failure(403, "Forbidden",
                              "nobody may act as somebody else here (--as, Impersonate-User)");
  }
  if (state_->no_auth) return Known({.name = "system:admin", .groups = {std::string(kMasters)}});
  if (!request.peer.certificate_name.empty()) {
    return Known({.name = request.peer.certificate_name, .groups = request.peer.certificate_groups});
  }
  const auto authorization = request.headers.Find("Authorization");
  if (!authorization) {
    if (!IsBelow(request.path, kForEverybody)) return Unauthorized();
    return User{.name = std::string(kAnonymous), .groups = {std::string(kUnauthenticated)}};
  }
  const auto token = BearerToken(authorization);
  return token.ok() ? state_->ByToken(*token, now) : Unauthorized();
}

absl::Status ApiAccess::Authorize(const User& user, const RequestInfo& info) {
  if (user.name == kAnonymous || IsIn(user, kUnauthenticated)) {
    const bool open =
        !info.is_resource && (info.verb == "get" || info.verb == "head") && IsBelow(info.path, kForEverybody);
    return open ? absl::OkStatus() : Forbidden(user, info);
  }
  if (IsIn(user, kMasters) || state_->policy == nullptr || IsForUsers(info)) return absl::OkStatus();
  return state_->policy->Get(state_->clock())->Allows(user, info) ? absl::OkStatus() : Forbidden(user, info);
}

void ApiAccess::Record(const http::Request& request, const RequestInfo& info, const User* user, int code,
                       absl::Duration took) {
  if (state_->audit != nullptr) {
    state_->audit->Write(AuditLine(request, info, user, code, state_->clock(), took));
  }
}

void ApiAccess::ReopenAuditLog() {
  if (state_->audit != nullptr) state_->audit->Reopen();
}

}  // namespace qalam::server
