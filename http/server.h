// An HTTP/1.1 server: keep-alive and pipelining, chunked streams, gzip, TLS, limits.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/status.h"
#include "http/exchange.h"

namespace qalam::http {

struct TlsOptions {
  std::string certificate, key;  // PEM texts; the certificate may be followed by those that signed it
  /// PEM texts of who signs clients' certificates; empty: clients are asked for none. They need not have one,
  /// and one that nobody of these has signed counts as none: Peer::certificate_name tells.
  std::string client_ca;
};

struct ServerOptions {
  std::string address = "127.0.0.1:8080";  // HOST:PORT, [IPV6]:PORT; port 0: any free one
  /// With it the port speaks TLS (1.2 and newer); without, plain HTTP to everybody.
  std::optional<TlsOptions> tls;
  /// With `tls`: answer clients that speak plain HTTP and whose address is loopback. Others get 400.
  bool plain = true;
  unsigned threads = 0;  // 0: as many as cores, at least 2

  // A client that does not keep to these gets the answer named, as a line of plain text, and its connection
  // is closed.
  std::size_t max_body = 16 << 20;            // bytes of a request, also after decompression: 413
  std::size_t max_header = 64 << 10;          // bytes of the request line and all headers: 431
  std::size_t max_connections = 20'000;       // more wait to be accepted
  std::size_t max_stream_backlog = 16 << 20;  // bytes that a stream's client may lag behind: closed
  /// From a request's first byte to the end of its headers: 408. From the connection's beginning to that
  /// byte: closed.
  std::chrono::milliseconds header_time{10'000};
  /// From there to the request's last byte: 408. For each MiB of an answer to be taken: closed.
  std::chrono::milliseconds body_time{60'000};
  std::chrono::milliseconds idle_time{180'000};  // between two requests: closed
};

/// Called on one of the server's threads, for several requests at the same time, of one connection one after
/// another: the next request of a connection comes when the one before is answered. May take as long as a
/// commit does, not as long as a client does. One that throws answers 500.
using Handler = std::function<void(std::shared_ptr<Exchange>)>;

class Server {
 public:
  /// Listens when it returns. Has the process open as many files as `max_connections` needs, if the hard
  /// limit lets it. UNAVAILABLE: the address cannot be listened on. INVALID_ARGUMENT: the address, or TLS
  /// texts that do not fit, by what is wrong with them.
  static absl::StatusOr<std::unique_ptr<Server>> Start(ServerOptions options, Handler handler);

  /// Drain(0).
  ~Server();

  const std::string& address() const;  // with the port that was free

  /// Certificates for connections made from now on. INVALID_ARGUMENT as Start; what counted before goes on to
  /// count. Threads: any.
  absl::Status SetTls(const TlsOptions& tls);

  /// Accepts no more, closes idle connections, asks streams to end (ResponseStream::OnClosed), waits up to
  /// `grace` for what is under way, and then ends it. Blocks until no handler runs any more; not to be called
  /// by a handler, nor by two threads. A second time does nothing.
  void Drain(std::chrono::milliseconds grace);

 private:
  struct State;
  explicit Server(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace qalam::http
