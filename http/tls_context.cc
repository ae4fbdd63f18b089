#include "http/tls_context.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>

#include <cerrno>

namespace qalam::http {
namespace {

template <class T, void (*free)(T*)>
struct Free {
  void operator()(T* object) const { free(object); }
};
using Bio = std::unique_ptr<BIO, Free<BIO, BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Free<X509, X509_free>>;
using PrivateKey = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY, EVP_PKEY_free>>;

Bio ReadBio(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// Asks nobody for a passphrase.
int NoPassphrase(char*, int, int, void*) { return -1; }

std::string OpensslError() {
  const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return reason == nullptr ? "unknown error" : reason;
}

absl::Status Invalid(std::string_view what) {
  return absl::InvalidArgumentError(fmt::format("TLS: {} ({})", what, OpensslError()));
}

std::vector<Certificate> ReadCertificates(const std::string& text) {
  std::vector<Certificate> certificates;
  const Bio bio = ReadBio(text);
  while (Certificate next{PEM_read_bio_X509(bio.get(), nullptr, &NoPassphrase, nullptr)}) {
    certificates.push_back(std::move(next));
  }
  if (!certificates.empty()) ERR_clear_error();  // the end of the text counts as one
  return certificates;
}

absl::Status UseIdentity(SSL_CTX* context, const TlsOptions& options) {
  const std::vector<Certificate> chain = ReadCertificates(options.certificate);
  if (chain.empty()) return Invalid("the certificate should be a PEM text");
  const Bio key_text = ReadBio(options.key);
  const PrivateKey key(PEM_read_bio_PrivateKey(key_text.get(), nullptr, &NoPassphrase, nullptr));
  if (key == nullptr) return Invalid("the key should be a PEM text without a passphrase");
  if (SSL_CTX_use_certificate(context, chain.front().get()) != 1)
    return Invalid("the certificate cannot be used");
  for (size_t i = 1; i < chain.size(); ++i) {
    if (SSL_CTX_add1_chain_cert(context, chain[i].get()) != 1) return Invalid("who signed cannot be used");
  }
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1) return Invalid("the key is not the certificate's");
  return absl::OkStatus();
}

// The handshake goes on whatever the certificate: a client may have a token besides, and an answer tells it
// more than an alert.
int AcceptAnyCertificate(int, X509_STORE_CTX*) { return 1; }

absl::Status AskForCertificates(SSL_CTX* context, const std::string& client_ca) {
  const std::vector<Certificate> authorities = ReadCertificates(client_ca);
  if (authorities.empty()) return Invalid("the clients' authorities should be PEM texts of certificates");
  for (const Certificate& authority : authorities) {
    if (X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority.get()) != 1 ||
        SSL_CTX_add_client_CA(context, authority.get()) != 1) {
      return Invalid("an authority of clients cannot be used");
    }
  }
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, &AcceptAnyCertificate);
  return absl::OkStatus();
}

int ChooseProtocol(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered,
                   unsigned offered_size, void*) {
  static constexpr unsigned char kHttp11[] = "\x08http/1.1";
  unsigned char* found = nullptr;
  if (SSL_select_next_proto(&found, size, kHttp11, sizeof(kHttp11) - 1, offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;  // who wants none of ours learns it from the answer
  }
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

// OpenSSL's own socket BIO raises SIGPIPE when the client has gone.
int Descriptor(BIO* bio) { return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio))); }

int Transferred(BIO* bio, ssize_t count, int retry_flag) {
  BIO_clear_retry_flags(bio);
  if (count < 0 && (errno == EAGAIN || errno == EINTR))
    BIO_set_flags(bio, retry_flag | BIO_FLAGS_SHOULD_RETRY);
  return static_cast<int>(count);
}

int BioWrite(BIO* bio, const char* bytes, int size) {
  return Transferred(bio, send(Descriptor(bio), bytes, static_cast<size_t>(size), MSG_NOSIGNAL),
                     BIO_FLAGS_WRITE);
}

int BioRead(BIO* bio, char* bytes, int size) {
  return Transferred(bio, recv(Descriptor(bio), bytes, static_cast<size_t>(size), 0), BIO_FLAGS_READ);
}

long BioControl(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

const BIO_METHOD* SocketMethod() {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* const made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "qalam socket");
    BIO_meth_set_write(made, &BioWrite);
    BIO_meth_set_read(made, &BioRead);
    BIO_meth_set_ctrl(made, &BioControl);
    return made;
  }();
  return method;
}

std::vector<std::string> Entries(const X509_NAME* name, int nid) {
  std::vector<std::string> texts;
  for (int at = -1; (at = X509_NAME_get_index_by_NID(name, nid, at)) >= 0;) {
    unsigned char* utf8 = nullptr;
    const int size = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    if (size < 0) continue;
    texts.emplace_back(reinterpret_cast<char*>(utf8), static_cast<size_t>(size));
    OPENSSL_free(utf8);
  }
  return texts;
}

}  // namespace

void FreeSsl::operator()(ssl_st* session) const { SSL_free(session); }
void FreeSsl::operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }

absl::StatusOr<std::shared_ptr<TlsContext>> TlsContext::Make(const TlsOptions& options) {
  std::unique_ptr<SSL_CTX, FreeSsl> owned(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* const context = owned.get();
  if (context == nullptr) return absl::ResourceExhaustedError("TLS: " + OpensslError());
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  // Sessions are not resumed: that would keep a client's identity beyond the certificates it was judged by.
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  // Idle connections hold no buffers.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_alpn_select_cb(context, &ChooseProtocol, nullptr);
  QALAM_RETURN_IF_ERROR(UseIdentity(context, options));
  if (!options.client_ca.empty()) QALAM_RETURN_IF_ERROR(AskForCertificates(context, options.client_ca));
  return std::shared_ptr<TlsContext>(new TlsContext(std::move(owned)));
}

SslSession TlsContext::NewSession(int fd) const {
  SslSession session(SSL_new(context_.get()));
  BIO* const bio = session == nullptr ? nullptr : BIO_new(SocketMethod());
  if (bio == nullptr) return nullptr;
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(fd)));
  BIO_set_init(bio, 1);
  SSL_set_bio(session.get(), bio, bio);
  SSL_set_accept_state(session.get());
  return session;
}

void ReadClientCertificate(ssl_st* session, Peer& peer) {
  X509* const certificate = SSL_get0_peer_certificate(session);
  if (certificate == nullptr || SSL_get_verify_result(session) != X509_V_OK) return;
  const X509_NAME* const name = X509_get_subject_name(certificate);
  const std::vector<std::string> names = Entries(name, NID_commonName);
  if (names.empty()) return;
  peer.certificate_name = names.back();  // the most specific
  peer.certificate_groups = Entries(name, NID_organizationName);
}

}  // namespace qalam::http
