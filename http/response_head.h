// Status line and headers of an answer, as bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "http/message.h"

namespace qalam::http {

/// What the server itself says about an answer.
struct Framing {
  std::optional<std::uint64_t> length;  // Content-Length
  bool chunked = false;
  bool gzip = false;
  bool varies = false;  // on Accept-Encoding
  bool close = false;   // the connection ends with this answer
  bool http11 = true;   // the client's version
};

/// Ends with the empty line. Headers of `response` that are the server's are left out; control characters in
/// values become blanks, so that no value can begin a header of its own.
std::string FormatHead(const Response& response, const Framing& framing);

/// Whether answers of this status have a body at all.
inline bool HasBody(int status) { return status >= 200 && status != 204 && status != 304; }

}  // namespace qalam::http
