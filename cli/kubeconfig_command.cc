#include "cli/kubeconfig_command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "absl/strings/escaping.h"
#include "cli/exit_code.h"
#include "cli/lookup.h"
#include "server/api_secrets.h"
#include "server/api_tokens.h"
#include "server/host_names.h"

namespace qalam::cli {
namespace {

constexpr std::string_view kScheme = "https://";

absl::StatusOr<std::string> ReadFile(const char* flag, const std::string& path) {
  std::ifstream file(path);
  if (file) return std::string{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  return absl::InvalidArgumentError(fmt::format("{}: {} should be a readable file", flag, path));
}

absl::StatusOr<std::string> TokenOf(const KubeconfigOptions& options, const server::ApiSecrets& secrets) {
  if (options.token_file.empty()) {
    if (options.user == "admin") return secrets.ExistingAdminToken();
    return absl::InvalidArgumentError(fmt::format(
        "--user: the token of {} is in the file that qalam serve was given; give it here, too, with "
        "--http-token-file",
        options.user));
  }
  QALAM_ASSIGN_OR_RETURN(const std::string text, ReadFile("--http-token-file", options.token_file));
  QALAM_ASSIGN_OR_RETURN(const auto lines, server::ReadTokenFile(options.token_file, text));
  std::vector<std::string> users;
  for (const server::TokenLine& line : lines) {
    if (line.user.name == options.user) return line.token;
    users.push_back(line.user.name);
  }
  if (options.user == "admin") return secrets.ExistingAdminToken();
  return absl::NotFoundError(fmt::format("--user: {} has no token for {}; it has some for {}",
                                         options.token_file, options.user, fmt::join(users, ", ")));
}

// A server that listens everywhere is found on this machine.
absl::StatusOr<std::string> UrlOf(std::string address) {
  if (address.starts_with(kScheme)) address = address.substr(kScheme.size());
  const auto host = server::HostOfAddress(address);
  const size_t colon = address.rfind(':');
  if (server::IsWildcard(address) && colon != std::string::npos)
    address = "127.0.0.1" + address.substr(colon);
  if (host || address.starts_with("127.0.0.1:")) return std::string(kScheme) + address;
  return absl::InvalidArgumentError(
      fmt::format("--http: \"{}\" should be like 127.0.0.1:8080 or https://lab.example", address));
}

// The certificate in PEM; none where the system's authorities are to be trusted.
absl::StatusOr<std::optional<std::string>> AuthorityOf(const KubeconfigOptions& options,
                                                       const server::ApiSecrets& secrets,
                                                       bool own_certificate) {
  if (!options.certificate_authority.empty()) {
    QALAM_ASSIGN_OR_RETURN(std::string text,
                           ReadFile("--certificate-authority", options.certificate_authority));
    QALAM_RETURN_IF_ERROR(server::ReadCertificateFacts(text).status());
    return text;
  }
  if (own_certificate) return std::nullopt;
  QALAM_ASSIGN_OR_RETURN(std::string text, secrets.AuthorityCertificate());
  return text;
}

std::string Quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', /*ensure_ascii=*/true, nlohmann::json::error_handler_t::replace);
}

absl::StatusOr<std::string> MakeKubeconfig(const KubeconfigOptions& options) {
  const server::ApiSecrets secrets(options.data_directory);
  const auto endpoint = secrets.LastEndpoint();
  if (!endpoint.ok()) {
    return absl::NotFoundError(
        fmt::format("no server has run in {} yet; start one with qalam serve, or name the right directory "
                    "with --data-dir",
                    options.data_directory));
  }
  QALAM_ASSIGN_OR_RETURN(const std::string url,
                         UrlOf(options.address.empty() ? endpoint->address : options.address));
  QALAM_ASSIGN_OR_RETURN(const std::string token, TokenOf(options, secrets));
  QALAM_ASSIGN_OR_RETURN(const auto authority, AuthorityOf(options, secrets, endpoint->own_certificate));
  std::string out = fmt::format(
      "apiVersion: v1\nkind: Config\nclusters:\n- name: qalam\n  cluster:\n    server: {}\n", Quoted(url));
  if (authority) {
    out += fmt::format("    certificate-authority-data: {}\n",
                       absl::Base64Escape({authority->data(), authority->size()}));
  }
  out += fmt::format("users:\n- name: {0}\n  user:\n    token: {1}\n", Quoted(options.user), Quoted(token));
  out += fmt::format(
      "contexts:\n- name: qalam\n  context:\n    cluster: qalam\n    user: {}\n    namespace: {}\n",
      Quoted(options.user), Quoted(options.namespace_name));
  return out + "current-context: qalam\n";
}

}  // namespace

int RunKubeconfig(const KubeconfigOptions& options, Streams& streams) {
  const auto text = MakeKubeconfig(options);
  if (!text.ok()) return ReportError(text.status(), streams);
  streams.out << *text << std::flush;
  return ToInt(ExitCode::kOk);
}

}  // namespace qalam::cli
