// A client that sends what it is told to, byte for byte, and reads answers. Blocking; ten seconds at most for
// anything.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct ssl_st;
struct ssl_ctx_st;

namespace qalam::http {

struct Answer {
  int status = 0;                              // 0: the connection ended before it
  std::map<std::string, std::string> headers;  // by lower-case name
  std::string body;                            // chunks put together, as sent
  std::size_t chunks = 0;
  bool complete = false;  // the body has come to its end
};

struct ClientTls {
  std::string certificate, key;  // PEM texts of the client's own; may be empty
  std::vector<std::string> protocols;
  int max_version = 0;  // TLS1_1_VERSION, for example; 0: any
};

class Client {
 public:
  /// Fails the test when there is no connection. `receive_buffer`: bytes; 0: as usual.
  explicit Client(const std::string& address, std::optional<ClientTls> tls = std::nullopt,
                  int receive_buffer = 0);
  ~Client();
  /// Whether somebody listens there.
  static bool Connects(const std::string& address);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  bool secure() const { return secure_; }  // the handshake has worked
  std::string protocol() const;            // ALPN's choice
  std::string server_name() const;         // the common name in the server's certificate

  void Send(std::string_view bytes);
  void SendEnd();  // nothing follows
  void Reset();    // as a client that dies

  /// `head_only`: the answer to HEAD.
  Answer Read(bool head_only = false);
  Answer ReadHead();
  /// The next chunk; empty: the last, or the end of the connection.
  std::string ReadChunk();
  std::string ReadToEnd();

  /// Sends, and reads the answer.
  Answer Ask(std::string_view request);
  Answer Get(const std::string& target, const std::string& headers = "");

 private:
  bool Fill();
  std::string Line();
  std::string Bytes(std::size_t count);

  int fd_ = -1;
  bool secure_ = false;
  ssl_ctx_st* context_ = nullptr;
  ssl_st* session_ = nullptr;
  std::string buffer_;
};

}  // namespace qalam::http
