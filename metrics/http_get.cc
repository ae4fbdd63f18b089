#include "metrics/http_get.h"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <optional>

namespace qalam::metrics {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;

class Exchange final : public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(AsioEventLoop& loop, HttpPageRequest request, std::function<void(absl::StatusOr<HttpPage>)> done)
      : request_(std::move(request)),
        done_(std::move(done)),
        stream_(loop.context()),
        resolver_(loop.context()) {}

  void Begin() {
    stream_.expires_after(std::chrono::milliseconds(absl::ToInt64Milliseconds(request_.timeout)));
    boost::system::error_code error;
    const std::string host = request_.host == "localhost" ? "127.0.0.1" : request_.host;
    const auto address = asio::ip::make_address(host, error);
    if (!error) return Connect(tcp::endpoint(address, static_cast<unsigned short>(request_.port)));
    resolver_.async_resolve(host, fmt::format("{}", request_.port),
                            [weak = weak_from_this()](const beast::error_code& failure,
                                                      const tcp::resolver::results_type& found) {
                              const auto self = weak.lock();
                              if (self == nullptr) return;
                              if (failure || found.empty()) return self->Fail(failure);
                              self->Connect(found.begin()->endpoint());
                            });
  }

  void Cancel() {
    done_ = nullptr;
    resolver_.cancel();
    stream_.close();
  }

 private:
  void Connect(const tcp::endpoint& endpoint) {
    stream_.async_connect(endpoint, [self = shared_from_this()](const beast::error_code& error) {
      if (error) return self->Fail(error);
      self->Write();
    });
  }

  void Write() {
    message_ = {http::verb::get, request_.target, 11};
    for (const auto& [name, value] : request_.headers) message_.set(name, value);
    message_.set(http::field::host, fmt::format("{}:{}", request_.host, request_.port));
    message_.set(http::field::connection, "close");
    http::async_write(stream_, message_, [self = shared_from_this()](const beast::error_code& error, size_t) {
      if (error) return self->Fail(error);
      self->Read();
    });
  }

  // Beast looks at a declared length only when the header comes alone (seen in 1.74), so this is done here.
  void Read() {
    parser_.body_limit(request_.max_body_bytes);
    http::async_read_header(stream_, buffer_, parser_,
                            [self = shared_from_this()](const beast::error_code& error, size_t) {
                              if (error) return self->Fail(error);
                              const auto length = self->parser_.content_length();
                              if (length && *length > self->request_.max_body_bytes) {
                                return self->Fail(http::error::body_limit);
                              }
                              self->ReadBody();
                            });
  }

  void ReadBody() {
    http::async_read(stream_, buffer_, parser_,
                     [self = shared_from_this()](const beast::error_code& error, size_t) {
                       if (error) return self->Fail(error);
                       self->Succeed();
                     });
  }

  void Succeed() {
    auto response = parser_.release();
    if (response.result() != http::status::ok) {
      const auto reason = response.reason();
      return Answer(
          absl::FailedPreconditionError(fmt::format("{}: HTTP status {} {}", Where(), response.result_int(),
                                                    std::string_view(reason.data(), reason.size()))));
    }
    const auto type = response[http::field::content_type];
    Answer(HttpPage{std::move(response.body()), std::string(type.data(), type.size())});
  }

  void Fail(const beast::error_code& error) {
    const bool too_long = error == http::error::body_limit;
    const std::string text =
        too_long ? fmt::format("{}: more than {} bytes", Where(), request_.max_body_bytes)
        : error == beast::error::timeout
            ? fmt::format("{}: no answer within {}", Where(), absl::FormatDuration(request_.timeout))
            : fmt::format("{}: {}", Where(), error.message());
    Answer(too_long ? absl::ResourceExhaustedError(text) : absl::UnavailableError(text));
  }

  void Answer(absl::StatusOr<HttpPage> result) {
    if (const auto done = std::exchange(done_, nullptr)) done(std::move(result));
  }

  std::string Where() const {
    return fmt::format("http://{}:{}{}", request_.host, request_.port, request_.target);
  }

  const HttpPageRequest request_;
  std::function<void(absl::StatusOr<HttpPage>)> done_;
  beast::tcp_stream stream_;
  tcp::resolver resolver_;
  http::request<http::empty_body> message_;
  beast::flat_buffer buffer_{64 << 10};
  http::response_parser<http::string_body> parser_;
};

}  // namespace

std::shared_ptr<void> GetPage(AsioEventLoop& loop, HttpPageRequest request,
                              std::function<void(absl::StatusOr<HttpPage>)> done) {
  const auto exchange = std::make_shared<Exchange>(loop, std::move(request), std::move(done));
  loop.Post([weak = std::weak_ptr<Exchange>(exchange)] {
    if (const auto self = weak.lock()) self->Begin();
  });
  return std::shared_ptr<void>(exchange.get(), [exchange](void*) { exchange->Cancel(); });
}

}  // namespace qalam::metrics
