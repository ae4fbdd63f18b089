// Texts that are the same for everybody who asks: what can be discovered, schemas.
#pragma once

#include <string>

#include "http/message.h"

namespace qalam::apiserver {

struct Document {
  std::string content_type, body;
  std::string etag;  // quoted, as it stands in the header
};

/// With the ETag that follows from the body.
Document MakeDocument(std::string content_type, std::string body);

/// 405 for a path that can only be read.
http::Response NotAllowed(const http::Request& request);

/// The document, 304 when If-None-Match has its ETag, or NotAllowed for methods other than GET and HEAD.
http::Response Serve(const Document& document, const http::Request& request);

}  // namespace qalam::apiserver
