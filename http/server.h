// An HTTP/1.1 server: keep-alive and pipelining, chunked streams, gzip, TLS, limits.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "base/status.h"
#include "http/exchange.h"

namespace qalam::http {

struct TlsOptions {
  std::string certificate, key;  // PEM texts; the certificate may be followed by those that signed it
  std::string
      client_ca;  // PEM text of who signs clients' certificates; empty: none is asked for. One is never required:
                  // who has none is told apart by Peer::certificate_name
};

struct ServerOptions {
  std::string address = "127.0.0.1:8080";  // HOST:PORT, [IPV6]:PORT; port 0: any free one
  std::optional<TlsOptions>
      tls;  // with it the port speaks TLS, and plain HTTP to clients on this machine as `plain` says
  bool plain =
      true;  // answer clients without TLS: everybody without `tls`, else those whose address is loopback
  unsigned threads = 0;  // 0: as many as cores, at least 2

  std::size_t max_body = 16 << 20;            // bytes of a request, also after decompression: 413
  std::size_t max_header = 64 << 10;          // bytes of the request line and all headers: 431
  std::size_t max_connections = 20'000;       // more wait to be accepted
  std::size_t max_stream_backlog = 16 << 20;  // bytes that a stream's client may lag behind
  std::chrono::milliseconds header_time{
      10'000};  // from a request's first byte (or the connection's beginning) to the end of its headers: 408
  std::chrono::milliseconds body_time{60'000};  // from there to its last byte, and for a response to be taken
  std::chrono::milliseconds idle_time{180'000};  // between two requests
};

/// Called on one of the server's threads, for several requests at the same time, of one connection one after another: the next
/// request of a connection comes when the one before is answered. May take as long as a commit does, not as long as a client does.
using Handler = std::function<void(std::shared_ptr<Exchange>)>;

class Server {
 public:
  /// Listens when it returns. UNAVAILABLE: the address cannot be listened on. INVALID_ARGUMENT: the address, or TLS texts that
  /// do not fit, by what is wrong with them.
  static absl::StatusOr<std::unique_ptr<Server>> Start(ServerOptions options, Handler handler);

  /// Drain(0).
  ~Server();

  const std::string& address() const;  // with the port that was free

  /// Certificates for connections made from now on. INVALID_ARGUMENT as Start; what counted before goes on to count.
  absl::Status SetTls(const TlsOptions& tls);

  /// Accepts no more, closes idle connections, closes streams (ResponseStream::OnClosed), waits up to `grace` for what is under
  /// way, and then ends it. Blocks; not to be called by a handler.
  void Drain(std::chrono::milliseconds grace);

 private:
  struct State;
  explicit Server(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace qalam::http
