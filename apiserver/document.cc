#include "apiserver/document.h"

#include <fmt/format.h>

#include <cstdint>

#include "apiserver/failure.h"

namespace qalam::apiserver {
namespace {

// FNV-1a: the same in every build, so that what clients have cached stays good over restarts.
std::uint64_t HashOf(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

}  // namespace

Document MakeDocument(std::string content_type, std::string body) {
  // Of two forms of one text a cache must not take one for the other.
  std::string etag = fmt::format("\"{:016X}\"", HashOf(body) ^ HashOf(content_type));
  return {std::move(content_type), std::move(body), std::move(etag)};
}

http::Response NotAllowed(const http::Request& request) {
  return ToResponse(Failure(405, "MethodNotAllowed",
                            fmt::format("{} is not allowed for {}; GET is", request.method, request.path)));
}

http::Response Serve(const Document& document, const http::Request& request) {
  if (request.method != "GET" && request.method != "HEAD") return NotAllowed(request);
  http::Response response;
  response.headers = {{"Content-Type", document.content_type},
                      {"ETag", document.etag},
                      {"Vary", "Accept"},
                      {"Cache-Control", "no-cache, private"}};
  const std::string known = request.headers.Joined("If-None-Match");
  if (known == "*" || known.find(document.etag) != std::string::npos) {
    response.status = 304;
  } else {
    response.body = document.body;
  }
  return response;
}

}  // namespace qalam::apiserver
