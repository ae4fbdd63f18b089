#include "server/api_tls.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

#include "server/api_secrets.h"
#include "server/file_version.h"
#include "server/host_names.h"

namespace qalam::server {
namespace {

constexpr absl::Duration kTryAgain = absl::Hours(1);
constexpr TlsFlags kFlags = {"--http-tls-cert", "--http-tls-key", "--http-client-ca"};

std::string ReadText(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

absl::StatusOr<HostNames> ToHostNames(const std::vector<std::string>& hosts) {
  HostNames names;
  for (const std::string& host : hosts) {
    auto name = CanonicalHost(host);
    if (!name) {
      return absl::InvalidArgumentError(
          fmt::format("--http-host: \"{}\" should be a name or an address, without scheme and port", host));
    }
    names.insert(*std::move(name));
  }
  return names;
}

// A third of a certificate's time is left for what may keep it from being renewed.
bool IsFresh(const CertificateFacts& facts, absl::Time now) {
  return facts.not_before <= now && facts.not_after - now > (facts.not_after - facts.not_before) / 3;
}

}  // namespace

struct ApiTls::State {
  explicit State(ApiTlsOptions given) : options(std::move(given)), secrets(options.data_directory) {}

  bool has_own_files() const { return !options.files.certificate.empty() || !options.files.key.empty(); }

  HostNames WantedHosts() const {
    HostNames hosts = OwnHosts(options.address);
    hosts.insert(given_hosts.begin(), given_hosts.end());
    return hosts;
  }

  std::string FilesVersion() const {
    const TlsFiles& files = options.files;
    return FileVersion(files.certificate) + "\n" + FileVersion(files.key) + "\n" +
           FileVersion(files.client_ca);
  }

  absl::Status ReadFiles() {
    http::TlsOptions read = current;
    if (has_own_files()) {
      QALAM_RETURN_IF_ERROR(CheckCertificate(options.files, kFlags));
      read.certificate = ReadText(options.files.certificate);
      read.key = ReadText(options.files.key);
    }
    QALAM_RETURN_IF_ERROR(CheckClientCa(options.files, kFlags));
    if (!options.files.client_ca.empty()) read.client_ca = ReadText(options.files.client_ca);
    current = std::move(read);
    return absl::OkStatus();
  }

  bool Serves(const HostNames& hosts, absl::Time now) const {
    return IsFresh(facts, now) &&
           std::includes(facts.hosts.begin(), facts.hosts.end(), hosts.begin(), hosts.end());
  }

  absl::Status Take(const SignedKey& certificate) {
    QALAM_ASSIGN_OR_RETURN(facts, ReadCertificateFacts(certificate.certificate));
    current.certificate = certificate.certificate;
    current.key = certificate.key;
    return absl::OkStatus();
  }

  absl::Status MakeCertificate(const HostNames& hosts, absl::Time now) {
    QALAM_ASSIGN_OR_RETURN(const SignedKey authority, secrets.Authority(now));
    QALAM_ASSIGN_OR_RETURN(const SignedKey made, MakeServerCertificate(authority, hosts, now));
    QALAM_RETURN_IF_ERROR(secrets.KeepServerCertificate(made));
    return Take(made);
  }

  absl::Status LoadCertificate(absl::Time now) {
    QALAM_ASSIGN_OR_RETURN(const SignedKey authority, secrets.Authority(now));
    const HostNames hosts = WantedHosts();
    const auto kept = secrets.ServerCertificate();
    if (absl::IsPermissionDenied(kept.status())) return kept.status();
    if (kept.ok() && IsSignedBy(kept->certificate, authority.certificate)) {
      QALAM_RETURN_IF_ERROR(Take(*kept));
      if (Serves(hosts, now)) return absl::OkStatus();
    }
    return MakeCertificate(hosts, now);
  }

  ApiTlsOptions options;
  ApiSecrets secrets;
  HostNames given_hosts;
  http::TlsOptions current;
  std::string version;     // of the files
  CertificateFacts facts;  // of the certificate made here
  absl::Time next_try = absl::InfinitePast();
  bool changed = false;  // since Refresh last said so
};

absl::StatusOr<std::unique_ptr<ApiTls>> ApiTls::Load(ApiTlsOptions options, absl::Time now) {
  auto state = std::make_unique<State>(std::move(options));
  QALAM_ASSIGN_OR_RETURN(state->given_hosts, ToHostNames(state->options.hosts));
  QALAM_RETURN_IF_ERROR(state->secrets.MakeFolder());
  state->version = state->FilesVersion();
  QALAM_RETURN_IF_ERROR(state->ReadFiles());
  if (!state->has_own_files()) QALAM_RETURN_IF_ERROR(state->LoadCertificate(now));
  return std::unique_ptr<ApiTls>(new ApiTls(std::move(state)));
}

ApiTls::ApiTls(std::unique_ptr<State> state) : state_(std::move(state)) {}
ApiTls::~ApiTls() = default;

const http::TlsOptions& ApiTls::current() const { return state_->current; }

absl::StatusOr<bool> ApiTls::Refresh(absl::Time now) {
  if (std::string version = state_->FilesVersion(); version != state_->version) {
    state_->version = std::move(version);
    QALAM_RETURN_IF_ERROR(state_->ReadFiles());
    state_->changed = true;
  }
  if (const HostNames hosts = state_->WantedHosts();
      !state_->has_own_files() && now >= state_->next_try && !state_->Serves(hosts, now)) {
    state_->next_try = now + kTryAgain;
    QALAM_RETURN_IF_ERROR(state_->MakeCertificate(hosts, now));
    state_->next_try = absl::InfinitePast();
    state_->changed = true;
  }
  return std::exchange(state_->changed, false);
}

absl::Status ApiTls::NoteAddress(const std::string& address) const {
  return state_->secrets.KeepEndpoint({.address = address, .own_certificate = state_->has_own_files()});
}

}  // namespace qalam::server
