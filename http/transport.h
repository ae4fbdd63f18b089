// Bytes of a connection, with TLS or without. Nothing here waits.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "http/message.h"
#include "http/tls_context.h"

namespace qalam::http {

/// Threads: one at a time.
class Transport {
 public:
  enum class Outcome {
    kDone,
    kWaitRead,   // nothing happened: again when the socket can be read,
    kWaitWrite,  // or written
    kEnd,        // the client has gone, or said that nothing will follow
    kFailed,
  };
  struct Result {
    Outcome outcome;
    std::size_t size = 0;  // bytes read or written with kDone; at least one
  };

  /// A non-blocking socket, which stays the caller's.
  explicit Transport(int fd) : fd_(fd) {}

  /// The first byte that the client has sent, as kDone's size. It stays to be read.
  Result PeekByte() const;

  /// To be called once, before anything was read; then Handshake until it is done.
  Outcome BeginTls(const TlsContext& context);
  Outcome Handshake();

  Result Read(std::span<char> into);
  Result Write(std::string_view bytes);

  /// Tells the client that nothing will follow.
  void Shutdown();

  void FillPeer(Peer& peer) const;

 private:
  Outcome Judge(int result);

  const int fd_;
  SslSession session_;  // null: plain
  bool failed_ = false;
};

}  // namespace qalam::http
