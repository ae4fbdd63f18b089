#include "server/server_credentials.h"

#include <fmt/format.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/mman.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <list>
#include <vector>

#include "server/file_version.h"

namespace qalam::server {
namespace {

constexpr unsigned kReloadSeconds = 1;

template <class T, void (*free)(T*)>
struct Free {
  void operator()(T* object) const { free(object); }
};
using Certificate = std::unique_ptr<X509, Free<X509, X509_free>>;
using PrivateKey = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY, EVP_PKEY_free>>;

// Reads the first object of a PEM file.
template <class Pointer, class Read>
absl::StatusOr<Pointer> ReadPem(const char* flag, const std::string& path, const char* what, Read read) {
  const std::unique_ptr<BIO, Free<BIO, BIO_free_all>> file(BIO_new_file(path.c_str(), "r"));
  Pointer object(file == nullptr ? nullptr : read(file.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  if (object != nullptr) return object;
  return absl::InvalidArgumentError(
      fmt::format("{}: {} should be a readable PEM file with {}", flag, path, what));
}

}  // namespace

absl::Status CheckCertificate(const TlsFiles& files, const TlsFlags& flags) {
  if (files.certificate.empty() || files.key.empty()) {
    return absl::InvalidArgumentError(fmt::format("TLS needs both {} and {}", flags.certificate, flags.key));
  }
  const auto no_passphrase = [](BIO* file, EVP_PKEY** key, pem_password_cb*, void*) {
    return PEM_read_bio_PrivateKey(
        file, key, [](char*, int, int, void*) { return -1; }, nullptr);
  };
  QALAM_ASSIGN_OR_RETURN(
      const Certificate certificate,
      ReadPem<Certificate>(flags.certificate, files.certificate, "a certificate", &PEM_read_bio_X509));
  QALAM_ASSIGN_OR_RETURN(
      const PrivateKey key,
      ReadPem<PrivateKey>(flags.key, files.key, "a private key without a passphrase", no_passphrase));
  if (X509_check_private_key(certificate.get(), key.get()) == 1) return absl::OkStatus();
  ERR_clear_error();
  return absl::InvalidArgumentError(
      fmt::format("{}: {} is not the key of the certificate in {}", flags.key, files.key, files.certificate));
}

absl::Status CheckClientCa(const TlsFiles& files, const TlsFlags& flags) {
  if (files.client_ca.empty()) return absl::OkStatus();
  return ReadPem<Certificate>(flags.client_ca, files.client_ca, "certificates", &PEM_read_bio_X509).status();
}

bool IsLoopback(std::string_view address) {
  const auto begins = [&](std::string_view prefix) { return address.substr(0, prefix.size()) == prefix; };
  if (begins("unix:")) return true;
  const std::string_view host = address.substr(0, address.rfind(':'));
  if (host == "localhost" || host == "[::1]" || host == "::1") return true;
  return begins("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos;
}

// gRPC watches files and takes whatever is in them. It is given copies in memory, which change only for the better.
class MemoryFile {
 public:
  MemoryFile() : fd_(memfd_create("qalam-tls", MFD_CLOEXEC)) {}
  ~MemoryFile() { close(fd_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  std::string path() const { return fmt::format("/proc/self/fd/{}", fd_); }

  bool Write(const std::string& text) const {
    const auto size = static_cast<ssize_t>(text.size());
    return ftruncate(fd_, 0) == 0 && pwrite(fd_, text.data(), text.size(), 0) == size;
  }

 private:
  const int fd_;
};

struct ServerTls::State {
  struct Copy {
    std::string original;
    MemoryFile file;
  };

  TlsFiles files;
  std::string version;
  std::list<Copy> copies;  // the key, the certificate and, with clients' certificates, their authorities
  std::shared_ptr<grpc::ServerCredentials> credentials;

  // Differs whenever a file was written or replaced.
  std::string Version() const {
    std::string text;
    for (const Copy& copy : copies) text += FileVersion(copy.original) + "\n";
    return text;
  }

  absl::Status CopyFiles() {
    QALAM_RETURN_IF_ERROR(CheckCertificate(files));
    QALAM_RETURN_IF_ERROR(CheckClientCa(files));
    for (const Copy& copy : copies) {
      std::ifstream original(copy.original);
      if (!copy.file.Write({std::istreambuf_iterator<char>(original), std::istreambuf_iterator<char>()})) {
        return absl::InternalError(fmt::format("{} cannot be kept in memory", copy.original));
      }
    }
    return absl::OkStatus();
  }

  void MakeCredentials() {
    std::vector<std::string> paths;
    for (const Copy& copy : copies) paths.push_back(copy.file.path());
    const auto provider = std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
        paths[0], paths[1], paths.size() > 2 ? paths[2] : "", kReloadSeconds);
    grpc::experimental::TlsServerCredentialsOptions options(provider);
    options.watch_identity_key_cert_pairs();
    if (paths.size() > 2) {
      options.watch_root_certs();
      options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
    }
    credentials = grpc::experimental::TlsServerCredentials(options);
  }
};

absl::StatusOr<std::unique_ptr<ServerTls>> ServerTls::Load(const TlsFiles& files) {
  auto state = std::make_unique<State>();
  state->files = files;
  if (files.certificate.empty() && files.key.empty() && files.client_ca.empty()) {
    state->credentials = grpc::InsecureServerCredentials();
  } else {
    for (const std::string& path : {files.key, files.certificate, files.client_ca}) {
      if (!path.empty()) state->copies.emplace_back().original = path;
    }
    state->version = state->Version();
    QALAM_RETURN_IF_ERROR(state->CopyFiles());
    state->MakeCredentials();
  }
  return std::unique_ptr<ServerTls>(new ServerTls(std::move(state)));
}

ServerTls::ServerTls(std::unique_ptr<State> state) : state_(std::move(state)) {}
ServerTls::~ServerTls() = default;

std::shared_ptr<grpc::ServerCredentials> ServerTls::credentials() const { return state_->credentials; }

absl::StatusOr<bool> ServerTls::Refresh() {
  std::string version = state_->Version();
  if (version == state_->version) return false;
  state_->version = std::move(version);
  QALAM_RETURN_IF_ERROR(state_->CopyFiles());
  return true;
}

}  // namespace qalam::server
