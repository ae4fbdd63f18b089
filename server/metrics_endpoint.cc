#include "server/metrics_endpoint.h"

#include <fmt/format.h>

#include "http/server.h"

namespace qalam::server {
namespace {

constexpr auto kClientTime = std::chrono::seconds(10);
constexpr std::size_t kMaxClients = 64;

http::Response Answer(const MetricsEndpointOptions& options, const http::Request& request) {
  http::Response response;
  response.headers.Add("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
  const absl::Status allowed =
      options.authorize ? options.authorize(request.headers.Find("Authorization")) : absl::OkStatus();
  if (!allowed.ok()) {
    response.status = 401;
    response.headers.Add("WWW-Authenticate", "Bearer");
    response.body = fmt::format("{}\n", MessageOf(allowed));
  } else if (request.target != "/metrics") {
    response.status = 404;
    response.body = "only /metrics is here\n";
  } else if (request.method != "GET") {
    response.status = 405;
    response.headers.Add("Allow", "GET");
    response.body = "only GET\n";
  } else {
    response.body = options.text();
  }
  return response;
}

}  // namespace

struct MetricsEndpoint::State {
  MetricsEndpointOptions options;
  std::unique_ptr<http::Server> server;
};

absl::StatusOr<std::unique_ptr<MetricsEndpoint>> MetricsEndpoint::Start(AsioEventLoop& loop,
                                                                        MetricsEndpointOptions options) {
  auto state = std::make_shared<State>();
  state->options = std::move(options);
  // What is posted may be run when the endpoint is gone.
  const auto answer = [&loop, weak = std::weak_ptr(state)](std::shared_ptr<http::Exchange> exchange) {
    loop.Post([weak, exchange = std::move(exchange)] {
      if (const auto alive = weak.lock()) exchange->Respond(Answer(alive->options, exchange->request()));
    });
  };
  absl::StatusOr<std::unique_ptr<http::Server>> server =
      http::Server::Start({.address = state->options.address,
                           .threads = 1,
                           .max_body = 0,
                           .max_header = 16 << 10,
                           .max_connections = kMaxClients,
                           .header_time = kClientTime,
                           .body_time = kClientTime,
                           .idle_time = kClientTime},
                          answer);
  if (!server.ok()) {
    return absl::Status(server.status().code(), fmt::format("--metrics: {}", MessageOf(server.status())));
  }
  state->server = *std::move(server);
  return std::unique_ptr<MetricsEndpoint>(new MetricsEndpoint(std::move(state)));
}

MetricsEndpoint::MetricsEndpoint(std::shared_ptr<State> state) : state_(std::move(state)) {}

MetricsEndpoint::~MetricsEndpoint() = default;

const std::string& MetricsEndpoint::address() const { return state_->server->address(); }

}  // namespace qalam::server
