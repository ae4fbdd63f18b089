#include "server/https_client.h"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <chrono>
#include <optional>

namespace qalam::server {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace ssl = boost::asio::ssl;
using boost::system::error_code;
using tcp = asio::ip::tcp;

constexpr std::uint64_t kMaxReplyBytes = 8 << 20;
constexpr absl::Duration kLongest = absl::Hours(1);  // the clock of sockets knows no infinite future

// Starts one operation and runs it to its end.
template <class Start>
error_code Await(asio::io_context& io, Start start) {
  error_code result;
  start([&](const error_code& error, auto&&...) { result = error; });
  io.restart();
  io.run();
  return result;
}

bool IsIpAddress(const std::string& host) {
  error_code error;
  asio::ip::make_address(host, error);
  return !error;
}

class Exchange {
 public:
  explicit Exchange(const HttpsRequest& request) : request_(request) {}

  absl::StatusOr<HttpsReply> Run() {
    QALAM_RETURN_IF_ERROR(Connect());
    http::request<http::string_body> message(http::string_to_verb(request_.method), request_.target, 11);
    const bool ipv6 = request_.host.find(':') != std::string::npos;
    message.set(http::field::host,
                fmt::format("{}:{}", ipv6 ? "[" + request_.host + "]" : request_.host, request_.port));
    message.set(http::field::connection, "close");
    for (const auto& [name, value] : request_.headers) message.set(name, value);
    message.body() = request_.body;
    message.prepare_payload();
    QALAM_RETURN_IF_ERROR(
        ToStatus(Await(io_, [&](auto done) { http::async_write(*stream_, message, done); })));
    beast::flat_buffer buffer;
    http::response_parser<http::string_body> parser;
    parser.body_limit(kMaxReplyBytes);
    QALAM_RETURN_IF_ERROR(
        ToStatus(Await(io_, [&](auto done) { http::async_read(*stream_, buffer, parser, done); })));
    return HttpsReply{static_cast<int>(parser.get().result_int()), std::move(parser.get().body())};
  }

 private:
  absl::Status Connect() {
    error_code error;
    context_.load_verify_file(request_.ca_file, error);
    if (error) {
      return absl::FailedPreconditionError(
          fmt::format("cannot read certificates from {}: {}", request_.ca_file, error.message()));
    }
    context_.set_verify_mode(ssl::verify_peer);
    context_.set_verify_callback(ssl::host_name_verification(request_.host));
    stream_.emplace(io_, context_);
    if (!IsIpAddress(request_.host)) {
      SSL_set_tlsext_host_name(stream_->native_handle(), request_.host.c_str());
    }
    tcp::resolver resolver(io_);
    tcp::resolver::results_type endpoints;
    QALAM_RETURN_IF_ERROR(ToStatus(Await(io_, [&](auto done) {
      resolver.async_resolve(request_.host, request_.port,
                             [&endpoints, done](const error_code& e, auto found) {
                               endpoints = std::move(found);
                               done(e);
                             });
    })));
    const absl::Duration left = request_.deadline - absl::Now();
    if (left <= absl::ZeroDuration()) return ToStatus(beast::error::timeout);
    // Of the connection's whole life: what takes longer ends with beast::error::timeout.
    beast::get_lowest_layer(*stream_).expires_after(absl::ToChronoNanoseconds(std::min(left, kLongest)));
    QALAM_RETURN_IF_ERROR(ToStatus(
        Await(io_, [&](auto done) { beast::get_lowest_layer(*stream_).async_connect(endpoints, done); })));
    return ToStatus(Await(io_, [&](auto done) { stream_->async_handshake(ssl::stream_base::client, done); }));
  }

  absl::Status ToStatus(const error_code& error) const {
    if (!error) return absl::OkStatus();
    const std::string message =
        fmt::format("https://{}:{}: {}", request_.host, request_.port, error.message());
    if (error == beast::error::timeout) return absl::DeadlineExceededError(message);
    if (error == http::error::body_limit) return absl::ResourceExhaustedError(message);
    return absl::UnavailableError(message);
  }

  const HttpsRequest& request_;
  asio::io_context io_;
  ssl::context context_{ssl::context::tls_client};
  std::optional<beast::ssl_stream<beast::tcp_stream>> stream_;
};

}  // namespace

absl::StatusOr<HttpsReply> Fetch(const HttpsRequest& request) {
  try {
    return Exchange(request).Run();
  } catch (const std::exception& e) {
    return absl::InternalError(fmt::format("https://{}:{}: {}", request.host, request.port, e.what()));
  }
}

}  // namespace qalam::server
