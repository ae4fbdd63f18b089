#include "tests/http/client.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace qalam::http {
namespace {

std::string Lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(c));
  return text;
}

sockaddr_in Parse(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  return {.sin_family = AF_INET,
          .sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1)))),
          .sin_addr = {.s_addr = inet_addr(address.substr(0, colon).c_str())},
          .sin_zero = {}};
}

void UseCertificate(SSL_CTX* context, const ClientTls& tls) {
  BIO* const certificate = BIO_new_mem_buf(tls.certificate.data(), static_cast<int>(tls.certificate.size()));
  BIO* const key = BIO_new_mem_buf(tls.key.data(), static_cast<int>(tls.key.size()));
  X509* const x509 = PEM_read_bio_X509(certificate, nullptr, nullptr, nullptr);
  EVP_PKEY* const pkey = PEM_read_bio_PrivateKey(key, nullptr, nullptr, nullptr);
  EXPECT_EQ(SSL_CTX_use_certificate(context, x509), 1);
  EXPECT_EQ(SSL_CTX_use_PrivateKey(context, pkey), 1);
  X509_free(x509);
  EVP_PKEY_free(pkey);
  BIO_free(certificate);
  BIO_free(key);
}

}  // namespace

Client::Client(const std::string& address, std::optional<ClientTls> tls, int receive_buffer) {
  const sockaddr_in server = Parse(address);
  fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval limit{.tv_sec = 10, .tv_usec = 0};
  setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
  if (receive_buffer > 0) setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(receive_buffer));
  EXPECT_EQ(connect(fd_, reinterpret_cast<const sockaddr*>(&server), sizeof(server)), 0) << address;
  if (!tls) return;
  context_ = SSL_CTX_new(TLS_client_method());
  if (tls->max_version != 0) {
    SSL_CTX_set_security_level(context_, 0);  // or the distribution's settings refuse before the server does
    SSL_CTX_set_min_proto_version(context_, tls->max_version);
    SSL_CTX_set_max_proto_version(context_, tls->max_version);
  }
  if (!tls->certificate.empty()) UseCertificate(context_, *tls);
  session_ = SSL_new(context_);
  std::string protocols;
  for (const std::string& name : tls->protocols) protocols += static_cast<char>(name.size()) + name;
  SSL_set_alpn_protos(session_, reinterpret_cast<const unsigned char*>(protocols.data()),
                      static_cast<unsigned>(protocols.size()));
  SSL_set_fd(session_, fd_);
  secure_ = SSL_connect(session_) == 1;
}

Client::~Client() {
  SSL_free(session_);
  SSL_CTX_free(context_);
  if (fd_ >= 0) close(fd_);
}

bool Client::Connects(const std::string& address) {
  const sockaddr_in server = Parse(address);
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool connected = connect(fd, reinterpret_cast<const sockaddr*>(&server), sizeof(server)) == 0;
  close(fd);
  return connected;
}

std::string Client::protocol() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(session_, &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

std::string Client::server_name() const {
  char name[256] = {};
  X509_NAME_get_text_by_NID(X509_get_subject_name(SSL_get0_peer_certificate(session_)), NID_commonName, name,
                            sizeof(name));
  return name;
}

void Client::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = session_ != nullptr
                             ? SSL_write(session_, bytes.data(), static_cast<int>(bytes.size()))
                             : send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;  // the server has closed: what it said is there to be read
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void Client::SendEnd() { shutdown(fd_, SHUT_WR); }

void Client::Reset() {
  const linger now{.l_onoff = 1, .l_linger = 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
  close(std::exchange(fd_, -1));
}

bool Client::Fill() {
  char bytes[64 << 10];
  const ssize_t count =
      session_ != nullptr ? SSL_read(session_, bytes, sizeof(bytes)) : recv(fd_, bytes, sizeof(bytes), 0);
  if (count > 0) buffer_.append(bytes, static_cast<std::size_t>(count));
  return count > 0;
}

std::string Client::Line() {
  std::size_t end;
  while ((end = buffer_.find("\r\n")) == std::string::npos) {
    if (!Fill()) return "";
  }
  std::string line = buffer_.substr(0, end);
  buffer_.erase(0, end + 2);
  return line;
}

std::string Client::Bytes(std::size_t count) {
  while (buffer_.size() < count) {
    if (!Fill()) break;
  }
  std::string bytes = buffer_.substr(0, count);
  buffer_.erase(0, bytes.size());
  return bytes;
}

Answer Client::ReadHead() {
  Answer answer;
  const std::string status = Line();
  if (status.empty()) return answer;
  EXPECT_TRUE(status.starts_with("HTTP/1.1 ")) << status;
  answer.status = std::stoi(status.substr(9));
  for (std::string line; !(line = Line()).empty();) {
    const std::size_t colon = line.find(": ");
    answer.headers[Lower(line.substr(0, colon))] = line.substr(colon + 2);
  }
  return answer;
}

std::string Client::ReadChunk() {
  const std::string size = Line();
  if (size.empty()) return "";
  std::string chunk = Bytes(std::stoul(size, nullptr, 16));
  EXPECT_EQ(Bytes(2), "\r\n");
  return chunk;
}

Answer Client::Read(bool head_only) {
  Answer answer = ReadHead();
  if (answer.status == 0) return answer;
  if (head_only || answer.status == 204 || answer.status == 304 || answer.status == 100) {
    answer.complete = true;
  } else if (answer.headers.contains("transfer-encoding")) {
    for (;;) {
      const std::string size = Line();
      if (size.empty()) return answer;
      const std::size_t count = std::stoul(size, nullptr, 16);
      answer.body += Bytes(count);
      answer.complete = count == 0 && Bytes(2) == "\r\n";
      if (count == 0) return answer;
      EXPECT_EQ(Bytes(2), "\r\n");
      ++answer.chunks;
    }
  } else if (answer.headers.contains("content-length")) {
    const std::size_t size = std::stoul(answer.headers["content-length"]);
    answer.body = Bytes(size);
    answer.complete = answer.body.size() == size;
  } else {
    answer.body = ReadToEnd();
    answer.complete = true;
  }
  return answer;
}

std::string Client::ReadToEnd() {
  while (Fill()) {
  }
  return std::exchange(buffer_, "");
}

Answer Client::Ask(std::string_view request) {
  Send(request);
  return Read();
}

Answer Client::Get(const std::string& target, const std::string& headers) {
  return Ask(fmt::format("GET {} HTTP/1.1\r\nHost: localhost\r\n{}\r\n", target, headers));
}

}  // namespace qalam::http
