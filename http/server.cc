#include "http/server.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <future>
#include <thread>
#include <vector>

#include "http/connection.h"

namespace qalam::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using std::chrono::milliseconds;

constexpr rlim_t kOtherFiles = 1'000;                   // of the process beside connections
constexpr auto kAfterFailedAccept = milliseconds(100);  // no descriptor is free, for example

// Most systems let a process have 1,024 files open unless it asks for more.
void AllowFiles(std::size_t connections) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const rlim_t wanted = std::min<rlim_t>(connections + kOtherFiles, limit.rlim_max);
  if (limit.rlim_cur >= wanted) return;
  limit.rlim_cur = wanted;
  setrlimit(RLIMIT_NOFILE, &limit);
}

struct HostAndPort {
  std::string host, port;
};

absl::StatusOr<HostAndPort> Split(const std::string& address) {
  const size_t colon = address.rfind(':');
  HostAndPort parts;
  if (colon != std::string::npos) parts = {address.substr(0, colon), address.substr(colon + 1)};
  const bool bracketed = parts.host.size() > 2 && parts.host.front() == '[' && parts.host.back() == ']';
  if (bracketed) parts.host = parts.host.substr(1, parts.host.size() - 2);
  const bool number = !parts.port.empty() && parts.port.size() <= 5 &&
                      parts.port.find_first_not_of("0123456789") == std::string::npos;
  if (parts.host.empty() || !number || std::stoi(parts.port) > 65'535 ||
      (!bracketed && parts.host.find(':') != std::string::npos)) {
    return absl::InvalidArgumentError(fmt::format("'{}' should be HOST:PORT or [IPV6]:PORT", address));
  }
  return parts;
}

}  // namespace

struct Server::State {
  explicit State(std::shared_ptr<ConnectionHost> shared)
      : host(std::move(shared)),
        strand(asio::make_strand(host->context)),
        acceptor(strand),
        accept_again(strand),
        sweep(strand),
        work(host->context.get_executor()) {}

  absl::Status Listen() {
    QALAM_ASSIGN_OR_RETURN(const HostAndPort parts, Split(host->options.address));
    boost::system::error_code error;
    tcp::resolver resolver(host->context);
    const auto found = resolver.resolve(parts.host, parts.port, tcp::resolver::passive, error);
    if (!error) {
      const tcp::endpoint endpoint = *found.begin();
      acceptor.open(endpoint.protocol(), error);
      if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
      if (!error) acceptor.bind(endpoint, error);
      if (!error) acceptor.listen(tcp::acceptor::max_listen_connections, error);
    }
    if (error) {
      return absl::UnavailableError(
          fmt::format("cannot listen on {}: {}", host->options.address, error.message()));
    }
    const std::string& given = host->options.address;
    address = fmt::format("{}:{}", given.substr(0, given.rfind(':')), acceptor.local_endpoint().port());
    return absl::OkStatus();
  }

  absl::Status SetTls(const TlsOptions& tls) {
    QALAM_ASSIGN_OR_RETURN(std::shared_ptr<const TlsContext> context, TlsContext::Make(tls));
    const std::lock_guard lock(host->mutex);
    host->tls = std::move(context);
    return absl::OkStatus();
  }

  void Run() {
    {
      const std::lock_guard lock(host->mutex);
      host->on_room = [this] { asio::post(strand, [this] { Accept(); }); };
    }
    asio::post(strand, [this] {
      Accept();
      Sweep();
    });
    for (unsigned i = 0; i < host->options.threads; ++i)
      threads.emplace_back([this] { host->context.run(); });
  }

  // The rest runs on the strand.

  void Accept() {
    if (accepting || host->draining) return;
    {
      const std::lock_guard lock(host->mutex);
      if (host->connections.size() >= host->options.max_connections) return;  // on_room calls again
    }
    accepting = true;
    acceptor.async_accept(asio::make_strand(host->context),
                          [this](const boost::system::error_code& error, Connection::Socket socket) {
                            accepting = false;
                            if (host->draining) return;
                            if (error) return AcceptLater();
                            Take(std::move(socket));
                            Accept();
                          });
  }

  void AcceptLater() {
    accept_again.expires_after(kAfterFailedAccept);
    accept_again.async_wait([this](const boost::system::error_code& error) {
      if (!error) Accept();
    });
  }

  void Take(Connection::Socket socket) const {
    boost::system::error_code error;
    socket.non_blocking(true, error);
    if (!error) socket.set_option(tcp::no_delay(true), error);
    if (!error) std::make_shared<Connection>(std::move(socket), host)->Start();
  }

  // One timer looks after all connections: setting one for each of them several times a request would cost
  // more than all else.
  void Sweep() {
    const ServerOptions& options = host->options;
    const milliseconds shortest = std::min({options.header_time, options.body_time, options.idle_time});
    sweep.expires_after(std::clamp(shortest / 4, milliseconds(5), milliseconds(1'000)));
    sweep.async_wait([this](const boost::system::error_code& error) {
      if (error || stopped) return;
      const auto now = Connection::Clock::now();
      ForEach([&](Connection& connection) { connection.EndIfLate(now); });
      Sweep();
    });
  }

  void ForEach(const std::function<void(Connection&)>& act) const {
    const std::lock_guard lock(host->mutex);
    for (Connection* const connection : host->connections) act(*connection);
  }

  void CloseAcceptor() {
    boost::system::error_code ignored;
    acceptor.close(ignored);
    accept_again.cancel(ignored);
  }

  const std::shared_ptr<ConnectionHost> host;
  std::string address;
  Strand strand;
  asio::basic_socket_acceptor<tcp, Strand> acceptor;
  asio::basic_waitable_timer<Connection::Clock, asio::wait_traits<Connection::Clock>, Strand> accept_again,
      sweep;
  bool accepting = false;
  bool stopped = false;
  asio::executor_work_guard<asio::io_context::executor_type> work;
  std::vector<std::thread> threads;
};

absl::StatusOr<std::unique_ptr<Server>> Server::Start(ServerOptions options, Handler handler) {
  if (options.threads == 0) options.threads = std::max(2u, std::thread::hardware_concurrency());
  AllowFiles(options.max_connections);
  auto state =
      std::make_shared<State>(std::make_shared<ConnectionHost>(std::move(options), std::move(handler)));
  if (state->host->options.tls) QALAM_RETURN_IF_ERROR(state->SetTls(*state->host->options.tls));
  QALAM_RETURN_IF_ERROR(state->Listen());
  state->Run();
  return std::unique_ptr<Server>(new Server(std::move(state)));
}

Server::Server(std::shared_ptr<State> state) : state_(std::move(state)) {}

Server::~Server() { Drain(milliseconds(0)); }

const std::string& Server::address() const { return state_->address; }

absl::Status Server::SetTls(const TlsOptions& tls) { return state_->SetTls(tls); }

void Server::Drain(milliseconds grace) {
  State& state = *state_;
  ConnectionHost& host = *state.host;
  if (state.threads.empty()) return;
  std::promise<void> closed;
  asio::post(state.strand, [&] {
    host.draining = true;  // on the strand: no connection is taken after it
    state.CloseAcceptor();
    closed.set_value();
  });
  closed.get_future().wait();
  state.ForEach([](Connection& connection) { connection.Wake(); });
  {
    std::unique_lock lock(host.mutex);
    host.left.wait_for(lock, grace, [&] { return host.connections.empty(); });
  }
  state.ForEach([](Connection& connection) { connection.End(); });
  {
    std::unique_lock lock(host.mutex);
    host.left.wait(lock, [&] { return host.connections.empty(); });
    host.on_room = nullptr;
  }
  asio::post(state.strand, [&] {
    state.stopped = true;
    boost::system::error_code ignored;
    state.sweep.cancel(ignored);
  });
  state.work.reset();
  for (std::thread& thread : state.threads) thread.join();
  state.threads.clear();
}

}  // namespace qalam::http
