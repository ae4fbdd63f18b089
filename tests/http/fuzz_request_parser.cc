// Any bytes, in pieces of any size: the same request or none, as in one piece, and never more in memory than
// the limits allow.

#include <cstdlib>

#include "http/request_parser.h"

namespace {

using qalam::http::Request;
using qalam::http::RequestParser;
using Stage = RequestParser::Stage;

constexpr RequestParser::Limits kLimits{.header = 300, .body = 500};

void Require(bool holds) {
  if (!holds) std::abort();
}

// What came of the bytes, as a text to compare.
std::string Outcome(std::string_view bytes, std::size_t piece) {
  RequestParser parser(kLimits);
  std::string waiting;
  std::size_t at = 0;
  while (at < bytes.size() && (parser.stage() == Stage::kHead || parser.stage() == Stage::kBody)) {
    const std::size_t size = std::min(piece, bytes.size() - at);
    waiting += bytes.substr(at, size);
    at += size;
    const std::size_t taken = parser.Feed(waiting);
    Require(taken <= waiting.size());
    waiting.erase(0, taken);
    if (parser.stage() == Stage::kHead || parser.stage() == Stage::kBody)
      Require(waiting.size() <= kLimits.header);
  }
  if (parser.stage() == Stage::kRefused) {
    const int status = parser.Refusal().status;
    Require(status >= 400 && status <= 505);
    return "";
  }
  if (parser.stage() != Stage::kDone) return "";  // what is wrong may show only when the head is complete
  std::string text = parser.keep_alive() ? "keep" : "close";
  const Request request = parser.Take();
  Require(request.path.starts_with('/'));
  Require(request.path.find('\0') == std::string::npos);
  Require(request.body.size() <= kLimits.body);
  text += request.method + "\n" + request.target + "\n" + request.body + "\n";
  std::size_t size = request.target.size();
  for (const auto& [name, value] : request.headers.fields()) {
    Require((name + value).find_first_of("\r\n") == std::string::npos);
    text += name + ":" + value + "\n";
    size += name.size() + value.size();
  }
  Require(size <= kLimits.header);
  return text + std::string(bytes.substr(at - waiting.size()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  Require(Outcome(bytes, bytes.size()) == Outcome(bytes, std::size_t{data[0]} % 40 + 1));
  return 0;
}
