#include "http/transport.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <cerrno>

namespace qalam::http {
namespace {

using Outcome = Transport::Outcome;

Transport::Result Judge(ssize_t size, Outcome wait) {
  if (size > 0) return {Outcome::kDone, static_cast<std::size_t>(size)};
  if (size == 0) return {Outcome::kEnd};
  return {errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? wait : Outcome::kFailed};
}

}  // namespace

Transport::Result Transport::PeekByte() const {
  unsigned char byte = 0;
  Result result = http::Judge(recv(fd_, &byte, 1, MSG_PEEK), Outcome::kWaitRead);
  if (result.outcome == Outcome::kDone) result.size = byte;
  return result;
}

Transport::Outcome Transport::BeginTls(const TlsContext& context) {
  session_ = context.NewSession(fd_);
  return session_ == nullptr ? Outcome::kFailed : Outcome::kDone;
}

Transport::Outcome Transport::Judge(int result) {
  switch (SSL_get_error(session_.get(), result)) {
    case SSL_ERROR_NONE:
      return Outcome::kDone;
    case SSL_ERROR_WANT_READ:
      return Outcome::kWaitRead;
    case SSL_ERROR_WANT_WRITE:
      return Outcome::kWaitWrite;
    case SSL_ERROR_ZERO_RETURN:
      return Outcome::kEnd;
    default:
      failed_ = true;
      return Outcome::kFailed;
  }
}

Transport::Outcome Transport::Handshake() {
  ERR_clear_error();
  return Judge(SSL_do_handshake(session_.get()));
}

Transport::Result Transport::Read(std::span<char> into) {
  if (session_ == nullptr) return http::Judge(recv(fd_, into.data(), into.size(), 0), Outcome::kWaitRead);
  ERR_clear_error();
  std::size_t size = 0;
  const Outcome outcome = Judge(SSL_read_ex(session_.get(), into.data(), into.size(), &size));
  return {outcome, size};
}

Transport::Result Transport::Write(std::string_view bytes) {
  if (session_ == nullptr)
    return http::Judge(send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL), Outcome::kWaitWrite);
  ERR_clear_error();
  std::size_t size = 0;
  const Outcome outcome = Judge(SSL_write_ex(session_.get(), bytes.data(), bytes.size(), &size));
  return {outcome, size};
}

void Transport::Shutdown() {
  if (session_ != nullptr && !failed_ && SSL_is_init_finished(session_.get()) == 1) {
    ERR_clear_error();
    SSL_shutdown(session_.get());
  }
  shutdown(fd_, SHUT_WR);
}

void Transport::FillPeer(Peer& peer) const {
  peer.tls = session_ != nullptr;
  if (session_ != nullptr) ReadClientCertificate(session_.get(), peer);
}

}  // namespace qalam::http
