// Bytes that come in pieces, and the request that they are.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "http/message.h"

namespace qalam::http {

/// Reads one request. What could be read in two ways (request smuggling) is refused: Content-Length beside
/// Transfer-Encoding or repeated, codings but chunked, more than one Host or none, blanks before a colon,
/// folded lines, bare line ends.
class RequestParser {
 public:
  struct Limits {
    /// Bytes of the request line and all headers; also of trailers, and of a chunk's own line.
    std::size_t header;
    /// Bytes of the body, also after decompression.
    std::size_t body;
  };
  enum class Stage { kHead, kBody, kDone, kRefused };

  explicit RequestParser(Limits limits);
  ~RequestParser();

  /// Takes what it can of `bytes` (those it has not taken before, followed by newer ones) and says how many.
  /// Not to be called when done or refused.
  std::size_t Feed(std::string_view bytes);

  Stage stage() const;

  /// Of kBody and kDone. The client waits for "100 Continue" before it sends the body.
  bool expects_continue() const;
  /// Of kDone: of HTTP/1.1 or newer; the client wants to send more requests on the connection.
  bool http11() const;
  bool keep_alive() const;
  /// Of kDone, once. The peer is not filled.
  Request Take();

  /// Of kRefused: 400, 413, 415, 417, 431, 501 or 505, and why, as a line.
  Response Refusal() const;

 private:
  class Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace qalam::http
