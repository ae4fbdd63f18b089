#include "server/api_secrets.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "server/data_layout.h"
#include "server/secret_file.h"
#include "server/trial_access.h"

namespace qalam::server {
namespace {

constexpr char kAdminToken[] = "admin.token";
constexpr char kAuthority[] = "ca.pem";             // key and certificate
constexpr char kAuthorityCertificate[] = "ca.crt";  // the certificate alone, for clients
constexpr char kServerCertificate[] = "server.pem";
constexpr char kEndpoint[] = "endpoint.json";

absl::StatusOr<std::string> ReadPublicFile(const std::string& path) {
  std::ifstream file(path);
  if (!file) return absl::NotFoundError(fmt::format("{} cannot be read: {}", path, strerror(errno)));
  return std::string{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

absl::StatusOr<SignedKey> ReadSignedKeyOf(const std::string& path, const std::string& text) {
  auto key = ReadSignedKey(text);
  if (key.ok()) return key;
  return absl::InvalidArgumentError(
      fmt::format("{} {}; remove it, and a new one is made", path, MessageOf(key.status())));
}

std::string WithoutLineEnd(std::string text) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  return text;
}

}  // namespace

ApiSecrets::ApiSecrets(const std::string& data_directory) : folder_(DataLayout(data_directory).access()) {}

absl::Status ApiSecrets::MakeFolder() const {
  if (mkdir(folder_.c_str(), 0700) == 0 || errno == EEXIST) return absl::OkStatus();
  return absl::PermissionDeniedError(fmt::format("{} cannot be made: {}", folder_, strerror(errno)));
}

absl::StatusOr<std::string> ApiSecrets::AdminToken() const {
  const std::string path = Path(kAdminToken);
  QALAM_ASSIGN_OR_RETURN(std::string token, ReadOrMakeSecretFile(path, [] { return RandomToken() + "\n"; }));
  token = WithoutLineEnd(std::move(token));
  if (!token.empty()) return token;
  return absl::InvalidArgumentError(fmt::format("{} is empty; remove it, and a new one is made", path));
}

absl::StatusOr<std::string> ApiSecrets::ExistingAdminToken() const {
  QALAM_ASSIGN_OR_RETURN(std::string token, ReadSecretFile(Path(kAdminToken)));
  return WithoutLineEnd(std::move(token));
}

absl::StatusOr<SignedKey> ApiSecrets::Authority(absl::Time now) const {
  const std::string path = Path(kAuthority);
  const auto make = [&]() -> absl::StatusOr<std::string> {
    QALAM_ASSIGN_OR_RETURN(const SignedKey made, MakeAuthority(now));
    return made.both();
  };
  QALAM_ASSIGN_OR_RETURN(const std::string text, ReadOrMakeSecretFile(path, make));
  QALAM_ASSIGN_OR_RETURN(SignedKey authority, ReadSignedKeyOf(path, text));
  QALAM_ASSIGN_OR_RETURN(const CertificateFacts facts, ReadCertificateFacts(authority.certificate));
  if (facts.not_after <= now) {
    return absl::FailedPreconditionError(fmt::format(
        "the certificate in {} ended on {}; remove it, and a new one is made, which clients have to be "
        "given (qalam kubeconfig)",
        path, absl::FormatTime("%Y-%m-%d", facts.not_after, absl::UTCTimeZone())));
  }
  const std::string copy = Path(kAuthorityCertificate);
  if (const auto known = ReadPublicFile(copy); !known.ok() || *known != authority.certificate) {
    QALAM_RETURN_IF_ERROR(ReplaceFile(copy, authority.certificate, Readers::kEverybody));
  }
  return authority;
}

absl::StatusOr<std::string> ApiSecrets::AuthorityCertificate() const {
  return ReadPublicFile(Path(kAuthorityCertificate));
}

absl::StatusOr<SignedKey> ApiSecrets::ServerCertificate() const {
  const std::string path = Path(kServerCertificate);
  QALAM_ASSIGN_OR_RETURN(const std::string text, ReadSecretFile(path));
  return ReadSignedKeyOf(path, text);
}

absl::Status ApiSecrets::KeepServerCertificate(const SignedKey& certificate) const {
  return ReplaceFile(Path(kServerCertificate), certificate.both(), Readers::kOwner);
}

absl::Status ApiSecrets::KeepEndpoint(const Endpoint& endpoint) const {
  const nlohmann::json json = {{"address", endpoint.address}, {"ownCertificate", endpoint.own_certificate}};
  return ReplaceFile(Path(kEndpoint), json.dump() + "\n", Readers::kEverybody);
}

absl::StatusOr<ApiSecrets::Endpoint> ApiSecrets::LastEndpoint() const {
  QALAM_ASSIGN_OR_RETURN(const std::string text, ReadPublicFile(Path(kEndpoint)));
  const auto json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("address") || !json["address"].is_string()) {
    return absl::NotFoundError(fmt::format("{} should hold the server's address", Path(kEndpoint)));
  }
  const auto own = json.find("ownCertificate");
  return Endpoint{.address = json["address"].get<std::string>(),
                  .own_certificate = own != json.end() && *own == true};
}

}  // namespace qalam::server
