#include "server/kubernetes_trial_status.h"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "absl/time/clock.h"
#include "server/https_client.h"
#include "server/trial_patch.h"

namespace qalam::server {
namespace {

using nlohmann::json;

constexpr int kMaxAttempts = 5;

// The file's text without the line end that editors leave; empty when it cannot be read.
std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.pop_back();
  return text;
}

// The API server's own words, if it has any.
absl::Status ToStatus(const HttpsReply& reply, const std::string& trial) {
  const json body = json::parse(reply.body, nullptr, false);
  std::string message = fmt::format("HTTP status {}", reply.status);
  if (body.is_object() && body.contains("message") && body["message"].is_string()) {
    message = body["message"].get<std::string>();
  }
  const std::string text = fmt::format("trial {}: {}", trial, message);
  switch (reply.status) {
    case 401:
      return absl::UnauthenticatedError(text);
    case 403:
      return absl::PermissionDeniedError(text);
    case 404:
      return absl::NotFoundError(text);
    case 409:
      return absl::AbortedError(text);
    default:
      return reply.status == 429 || reply.status >= 500 ? absl::UnavailableError(text)
                                                        : absl::InternalError(text);
  }
}

// One SetTrialStatus.
class Stop {
 public:
  Stop(const KubernetesAccess& access, const std::string& trial) : trial_(trial) {
    const std::string name_space = ReadFile(access.service_account + "/namespace");
    path_ = fmt::format("/apis/kubeflow.org/v1beta1/namespaces/{}/trials/{}",
                        IsObjectName(name_space) ? name_space : "default", trial);
    request_ = {.host = access.host,
                .port = access.port,
                .ca_file = access.service_account + "/ca.crt",
                .headers = {{"Authorization", "Bearer " + ReadFile(access.service_account + "/token")},
                            {"Accept", "application/json"},
                            {"User-Agent", "qalam"}},
                .deadline = absl::Now() + access.timeout};
  }

  absl::Status Run() {
    for (int attempt = 1;; ++attempt) {
      const absl::Status status = Try();
      if (status.code() != absl::StatusCode::kAborted || attempt == kMaxAttempts) return status;
    }
  }

 private:
  absl::Status Try() {
    QALAM_ASSIGN_OR_RETURN(const HttpsReply reply, Send("GET", path_, {}));
    QALAM_ASSIGN_OR_RETURN(const std::optional<std::string> patch,
                           EarlyStoppedPatch(reply.body, absl::Now()));
    if (!patch) return absl::OkStatus();
    return Send("PATCH", path_ + "/status", *patch).status();
  }

  absl::StatusOr<HttpsReply> Send(const std::string& method, const std::string& target, std::string body) {
    HttpsRequest request = request_;
    request.method = method;
    request.target = target;
    if (!body.empty()) request.headers.emplace_back("Content-Type", "application/merge-patch+json");
    request.body = std::move(body);
    QALAM_ASSIGN_OR_RETURN(HttpsReply reply, Fetch(request));
    if (reply.status < 200 || reply.status > 299) return ToStatus(reply, trial_);
    return reply;
  }

  const std::string trial_;
  std::string path_;
  HttpsRequest request_;
};

}  // namespace

std::optional<KubernetesAccess> FindKubernetesAccess(const std::string& service_account) {
  const char* host = std::getenv("KUBERNETES_SERVICE_HOST");
  const char* port = std::getenv("KUBERNETES_SERVICE_PORT");
  if (host == nullptr || port == nullptr || *host == '\0' || *port == '\0') return std::nullopt;
  std::error_code error;
  if (!std::filesystem::exists(service_account + "/token", error)) return std::nullopt;
  return KubernetesAccess{.host = host, .port = port, .service_account = service_account};
}

suggestion::StopTrial NewKubernetesStopTrial(KubernetesAccess access) {
  return [access = std::move(access)](const std::string& trial_name) -> absl::Status {
    if (!IsObjectName(trial_name)) {
      return absl::InvalidArgumentError(fmt::format(
          "trial_name must have lower-case letters, digits, '-' and '.' only, got '{}'", trial_name));
    }
    return Stop(access, trial_name).Run();
  };
}

}  // namespace qalam::server
