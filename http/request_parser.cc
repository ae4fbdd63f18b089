#include "http/request_parser.h"

#include <fmt/format.h>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include "absl/strings/match.h"
#include "http/gzip.h"

namespace qalam::http {
namespace {

namespace beast = boost::beast::http;
using boost::system::error_code;

constexpr std::size_t kFirstBody = 64 << 10;  // reserved for a body on its sender's word

std::string_view View(boost::beast::string_view text) { return {text.data(), text.size()}; }

bool Same(std::string_view a, std::string_view b) {
  return absl::EqualsIgnoreCase({a.data(), a.size()}, {b.data(), b.size()});
}

// A line that goes on in the next one, as HTTP once allowed: Beast joins them, others take them for two.
bool HasFoldedLine(std::string_view head) {
  return head.find("\r\n ") != std::string_view::npos || head.find("\r\n\t") != std::string_view::npos;
}

}  // namespace

class RequestParser::Parser final : public beast::basic_parser<true> {
 public:
  explicit Parser(Limits given) : limits(given) {
    header_limit(static_cast<std::uint32_t>(limits.header));
    body_limit(limits.body);
  }

  std::size_t Put(std::string_view bytes) {
    error_code error;
    const std::size_t taken = put(boost::asio::buffer(bytes.data(), bytes.size()), error);
    if (error && error != beast::error::need_more) RefuseFor(error);
    return taken;
  }

  void Refuse(int status, std::string why) {
    if (stage == Stage::kRefused) return;  // the first reason is the one
    stage = Stage::kRefused;
    refusal = {.status = status,
               .headers = {{"Content-Type", "text/plain; charset=utf-8"}},
               .body = std::move(why) + "\n"};
  }

  void RefuseFor(const error_code& error) {
    if (error == beast::error::header_limit) {
      RefuseHeader();
    } else if (error == beast::error::body_limit) {
      RefuseBody();
    } else if (error == beast::error::bad_version) {
      Refuse(505, "this server speaks HTTP/1.1 and HTTP/1.0");
    } else {
      Refuse(400, fmt::format("this is not an HTTP request: {}", error.message()));
    }
  }

  void RefuseHeader() {
    Refuse(431, fmt::format("request line and headers have more than {} bytes", limits.header));
  }
  void RefuseBody() { Refuse(413, fmt::format("the body has more than {} bytes", limits.body)); }

  const Limits limits;
  Stage stage = Stage::kHead;
  Request request;
  Response refusal;
  std::size_t head_size = 0;  // bytes taken of it
  bool http11 = true;
  bool expects_continue = false;
  bool compressed = false;

 private:
  // Makes the parser stop; what it says then is not looked at.
  void Stop(error_code& error) const {
    if (stage == Stage::kRefused) error = beast::error::bad_value;
  }

  void ReadTarget() {
    std::string_view target = request.target;
    if (const std::size_t scheme = target.find("://");
        !target.starts_with('/') && scheme != std::string_view::npos) {
      target.remove_prefix(
          std::min(target.find_first_of("/?", scheme + 3), target.size()));  // a proxy's form
      if (!target.starts_with('/')) return ReadPathAndQuery(fmt::format("/{}", target));
    } else if (target == "*") {
      target = "/";  // OPTIONS *: of the server as a whole
    }
    ReadPathAndQuery(target);
  }

  void ReadPathAndQuery(std::string_view target) {
    target = target.substr(0, target.find('#'));
    const std::size_t question = std::min(target.find('?'), target.size());
    const std::optional<std::string> path = PercentDecode(target.substr(0, question));
    if (!target.starts_with('/')) return Refuse(400, "the target should begin with a slash");
    if (!path || path->find('\0') != std::string::npos) {
      return Refuse(400, "the path should have no % but in escapes such as %20, and no NUL");
    }
    request.path = *path;
    request.query = Query(target.substr(std::min(question + 1, target.size())));
  }

  void CheckOnce(std::string_view name, bool needed) {
    const auto& fields = request.headers.fields();
    const auto count = std::count_if(fields.begin(), fields.end(),
                                     [&](const auto& field) { return Same(field.first, name); });
    if (count > 1) Refuse(400, fmt::format("{} should be there once, not {} times", name, count));
    if (count == 0 && needed) Refuse(400, fmt::format("{} is missing", name));
  }

  void CheckHeaders() {
    CheckOnce("Host", http11);
    CheckOnce("Content-Length", false);
    if (const auto coding = request.headers.Find("Transfer-Encoding")) {
      if (!http11) return Refuse(400, "HTTP/1.0 has no Transfer-Encoding");
      if (!Same(*coding, "chunked")) return Refuse(501, "the only Transfer-Encoding here is chunked");
    }
    if (const auto encoding = request.headers.Find("Content-Encoding");
        encoding && !Same(*encoding, "identity")) {
      compressed = Same(*encoding, "gzip");
      if (!compressed || request.headers.Joined("Content-Encoding") != *encoding) {
        return Refuse(415, "the only Content-Encoding here is gzip");
      }
    }
    if (const auto expect = request.headers.Find("Expect"); expect && http11) {
      expects_continue = Same(*expect, "100-continue");
      if (!expects_continue) Refuse(417, "the only Expect here is 100-continue");
    }
  }

  void on_request_impl(beast::verb, boost::beast::string_view method, boost::beast::string_view target,
                       int version, error_code&) override {
    request.method = View(method);
    request.target = View(target);
    http11 = version >= 11;
  }

  void on_field_impl(beast::field, boost::beast::string_view name, boost::beast::string_view value,
                     error_code&) override {
    if (stage != Stage::kHead) return;  // a trailer, which nobody here wants
    request.headers.Add(std::string(View(name)), std::string(View(value)));
  }

  void on_header_impl(error_code& error) override {
    stage = Stage::kBody;
    ReadTarget();
    CheckHeaders();
    Stop(error);
  }

  void on_body_init_impl(const boost::optional<std::uint64_t>& size, error_code&) override {
    if (size) request.body.reserve(std::min<std::uint64_t>(*size, kFirstBody));
  }

  std::size_t on_body_impl(boost::beast::string_view bytes, error_code&) override {
    request.body.append(bytes.data(), bytes.size());
    return bytes.size();
  }

  void on_chunk_header_impl(std::uint64_t, boost::beast::string_view, error_code&) override {}

  std::size_t on_chunk_body_impl(std::uint64_t, boost::beast::string_view bytes, error_code& error) override {
    return on_body_impl(bytes, error);
  }

  void on_finish_impl(error_code& error) override {
    if (compressed && !request.body.empty()) {
      absl::StatusOr<std::string> text = Gunzip(request.body, limits.body);
      if (text.ok()) {
        request.body = *std::move(text);
      } else if (text.status().code() == absl::StatusCode::kResourceExhausted) {
        RefuseBody();
      } else {
        Refuse(400, fmt::format("the body: {}", MessageOf(text.status())));
      }
    }
    if (stage != Stage::kRefused) stage = Stage::kDone;
    Stop(error);
  }

  void on_response_impl(int, boost::beast::string_view, int, error_code&) override {}
};

RequestParser::RequestParser(Limits limits) : parser_(std::make_unique<Parser>(limits)) {}
RequestParser::~RequestParser() = default;

std::size_t RequestParser::Feed(std::string_view bytes) {
  Parser& parser = *parser_;
  std::size_t taken = 0;
  if (parser.stage == Stage::kHead) {
    taken = parser.Put(bytes);
    if (HasFoldedLine(bytes.substr(0, taken))) parser.Refuse(400, "a header goes on in the next line");
    parser.head_size += taken;
    const bool more = parser.stage == Stage::kHead;
    if (parser.head_size + (more ? bytes.size() - taken : 0) > parser.limits.header) parser.RefuseHeader();
    parser.eager(!more);  // not before: it is to be known how long the head is
  }
  // Chunks end with at least that much, and Beast relies on it.
  constexpr std::size_t kLastChunk = std::string_view("0\r\n\r\n").size();
  const bool enough =
      parser.stage == Stage::kBody && (!parser.chunked() || bytes.size() - taken >= kLastChunk);
  if (enough) {
    taken += parser.Put(bytes.substr(taken));
    // Nothing but the body may take more room: not a chunk's extensions, not trailers.
    if (parser.stage == Stage::kBody && bytes.size() - taken > parser.limits.header) parser.RefuseHeader();
  }
  return taken;
}

RequestParser::Stage RequestParser::stage() const { return parser_->stage; }
bool RequestParser::expects_continue() const { return parser_->expects_continue; }
bool RequestParser::http11() const { return parser_->http11; }
bool RequestParser::keep_alive() const { return parser_->keep_alive(); }
Request RequestParser::Take() { return std::move(parser_->request); }
Response RequestParser::Refusal() const { return parser_->refusal; }

}  // namespace qalam::http
