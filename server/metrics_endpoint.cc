#include "server/metrics_endpoint.h"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

namespace qalam::server {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::asio::ip::tcp;

constexpr auto kClientTime = std::chrono::seconds(10);
constexpr int kMaxClients = 64;

}  // namespace

struct MetricsEndpoint::State : std::enable_shared_from_this<State> {
  State(AsioEventLoop& loop, MetricsEndpointOptions given)
      : options(std::move(given)), acceptor(loop.context()) {}

  MetricsEndpointOptions options;
  std::string address;
  tcp::acceptor acceptor;
  int clients = 0;
  bool waiting = false;

  absl::Status Listen() {
    const size_t colon = options.address.rfind(':');
    std::string host = options.address.substr(0, colon);
    if (host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    boost::system::error_code error;
    tcp::resolver resolver(acceptor.get_executor());
    const auto found =
        resolver.resolve(host, options.address.substr(colon + 1), tcp::resolver::passive, error);
    if (!error) {
      const tcp::endpoint endpoint = *found.begin();
      acceptor.open(endpoint.protocol(), error);
      if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
      if (!error) acceptor.bind(endpoint, error);
      if (!error) acceptor.listen(tcp::acceptor::max_listen_connections, error);
    }
    if (error) {
      return absl::UnavailableError(
          fmt::format("--metrics: cannot listen on {}: {}", options.address, error.message()));
    }
    address = fmt::format("{}:{}", options.address.substr(0, colon), acceptor.local_endpoint().port());
    return absl::OkStatus();
  }

  void Accept();
  http::response<http::string_body> Answer(const http::request<http::empty_body>& request) const;
};

namespace {

template <class State>
class Client final : public std::enable_shared_from_this<Client<State>> {
 public:
  Client(tcp::socket socket, std::shared_ptr<State> state)
      : stream_(std::move(socket)), state_(std::move(state)) {
    ++state_->clients;
  }
  ~Client() {
    --state_->clients;
    state_->Accept();
  }

  void Read() {
    stream_.expires_after(kClientTime);
    request_ = {};
    http::async_read(stream_, buffer_, request_,
                     [self = this->shared_from_this()](beast::error_code error, size_t) {
                       if (!error) self->Write();
                     });
  }

 private:
  void Write() {
    response_ = state_->Answer(request_);
    http::async_write(stream_, response_, [self = this->shared_from_this()](beast::error_code error, size_t) {
      if (!error && self->response_.keep_alive()) self->Read();
    });
  }

  beast::tcp_stream stream_;
  const std::shared_ptr<State> state_;
  beast::flat_buffer buffer_{16 << 10};
  http::request<http::empty_body> request_;
  http::response<http::string_body> response_;
};

}  // namespace

void MetricsEndpoint::State::Accept() {
  if (waiting || clients >= kMaxClients || !acceptor.is_open()) return;
  waiting = true;
  acceptor.async_accept(
      [self = shared_from_this()](const boost::system::error_code& error, tcp::socket socket) {
        self->waiting = false;
        if (error == boost::asio::error::operation_aborted) return;
        if (!error) std::make_shared<Client<State>>(std::move(socket), self)->Read();
        self->Accept();
      });
}

http::response<http::string_body> MetricsEndpoint::State::Answer(
    const http::request<http::empty_body>& request) const {
  http::response<http::string_body> response;
  response.version(request.version());
  response.keep_alive(request.keep_alive());
  response.set(http::field::content_type, "text/plain; version=0.0.4; charset=utf-8");
  std::optional<std::string_view> authorization;
  if (const auto found = request.find(http::field::authorization); found != request.end()) {
    authorization = std::string_view(found->value().data(), found->value().size());
  }
  const absl::Status allowed = options.authorize ? options.authorize(authorization) : absl::OkStatus();
  if (!allowed.ok()) {
    response.result(http::status::unauthorized);
    response.set(http::field::www_authenticate, "Bearer");
    response.body() = fmt::format("{}\n", MessageOf(allowed));
  } else if (request.target() != "/metrics") {
    response.result(http::status::not_found);
    response.body() = "only /metrics is here\n";
  } else if (request.method() != http::verb::get) {
    response.result(http::status::method_not_allowed);
    response.set(http::field::allow, "GET");
    response.body() = "only GET\n";
  } else {
    response.body() = options.text();
  }
  response.prepare_payload();
  return response;
}

absl::StatusOr<std::unique_ptr<MetricsEndpoint>> MetricsEndpoint::Start(AsioEventLoop& loop,
                                                                        MetricsEndpointOptions options) {
  auto state = std::make_shared<State>(loop, std::move(options));
  QALAM_RETURN_IF_ERROR(state->Listen());
  state->Accept();
  return std::unique_ptr<MetricsEndpoint>(new MetricsEndpoint(std::move(state)));
}

MetricsEndpoint::MetricsEndpoint(std::shared_ptr<State> state) : state_(std::move(state)) {}

MetricsEndpoint::~MetricsEndpoint() {
  boost::system::error_code ignored;
  state_->acceptor.close(ignored);
}

const std::string& MetricsEndpoint::address() const { return state_->address; }

}  // namespace qalam::server
